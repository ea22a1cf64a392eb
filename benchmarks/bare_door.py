"""The floor for `benchmarks/alerts.py`: a FastAPI endpoint that starts a workflow of each alert, and nothing else."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from temporalio.client import Client


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.client = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
    yield


app = FastAPI(lifespan=_lifespan, openapi_url=None)


@app.post("/alerts")
async def alerts(request: Request) -> dict[str, int]:
    """One workflow for each alert of the body."""
    body: dict[str, Any] = await request.json()
    for alert in body["alerts"]:
        workflow_id = f"bare/{alert['fingerprint']}"
        await request.app.state.client.start_workflow("bare", alert, id=workflow_id, task_queue="nobody")
    return {"accepted": len(body["alerts"])}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
