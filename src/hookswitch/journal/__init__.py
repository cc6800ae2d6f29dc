"""Stage 1: bytes the engine wrote -> journal lines and the cursor behind them."""
