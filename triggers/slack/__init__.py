"""The Slack door: commands, modals, buttons and the home tab."""
