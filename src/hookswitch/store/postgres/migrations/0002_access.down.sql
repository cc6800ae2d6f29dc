DROP TABLE draft, audit, api_tokens, sessions, administrators;
