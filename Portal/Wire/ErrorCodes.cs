namespace Portal.Wire;

/// <summary>The error codes of the API, in responses such as <c>{"error_code": "...", "errors": ["..."]}</c>.</summary>
public static class ErrorCodes
{
    /// <summary>401: the API key is missing or wrong. The response is the same for every cause.</summary>
    public const string Unauthorized = "AUTH_001";

    /// <summary>401: the API key is right, but its token is expired, disabled, pending or deleted.</summary>
    public const string TokenNotUsable = "AUTH_002";

    /// <summary>403: the address may not use the account's tokens.</summary>
    public const string AddressNotAllowed = "AUTH_003";

    /// <summary>403: the token may not use the module.</summary>
    public const string ModuleNotEnabled = "AUTH_004";

    /// <summary>403: the token may manage tokens, but not this one in this way.</summary>
    public const string NotManageable = "AUTH_005";

    /// <summary>403: the token requested a key that would expire later than its own.</summary>
    public const string ExpirationTooLate = "AUTH_006";

    /// <summary>429: the client sent too many requests.</summary>
    public const string TooManyRequests = "RATE_001";

    /// <summary>404: no module owns the path, or the object doesn't exist.</summary>
    public const string NotFound = "NFND_001";

    /// <summary>405: the path doesn't support the method.</summary>
    public const string MethodNotAllowed = "MTHD_001";

    /// <summary>400 (or 408, 413, 415, 431): the request is invalid. The response lists each error.</summary>
    public const string Invalid = "VAL_001";

    /// <summary>412: the object has changed since the client read it.</summary>
    public const string Changed = "PREC_001";

    /// <summary>422: the idempotency key was used for a different request.</summary>
    public const string IdempotencyKeyReused = "IDEM_001";

    /// <summary>409: the first request with the idempotency key is still in progress.</summary>
    public const string IdempotencyKeyInUse = "IDEM_002";

    /// <summary>422: the request was completed with another key of the calling token, and only that key can read the response.</summary>
    public const string IdempotencyKeyOfAnotherKey = "IDEM_003";

    /// <summary>503: the module has no upstream.</summary>
    public const string NoUpstream = "GTW_001";

    /// <summary>502: the module's upstream can't be reached, closed the connection, or sent an invalid HTTP response.</summary>
    public const string UpstreamFailed = "GTW_002";

    /// <summary>504: the module's upstream took too long.</summary>
    public const string UpstreamTooSlow = "GTW_003";

    /// <summary>503: none of the module's upstreams is healthy.</summary>
    public const string NoHealthyUpstream = "GTW_004";

    /// <summary>403: the request of a proxy doesn't say which request to check.</summary>
    public const string UnclearAuthorizationRequest = "GTW_005";

    /// <summary>503: the database is temporarily unavailable, for example because another program locks it. Nothing was changed.</summary>
    public const string DatabaseUnavailable = "DB_001";

    /// <summary>507: the disk that holds the database is full. Nothing was changed.</summary>
    public const string DatabaseFull = "DB_002";

    /// <summary>500: Portal failed.</summary>
    public const string Internal = "SRV_001";
}
