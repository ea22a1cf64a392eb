"""The kinds of resource on Azure."""
