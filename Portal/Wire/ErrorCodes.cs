namespace Portal.Wire;

/// <summary>The codes of the API's error form, <c>{"error_code": "...", "errors": ["..."]}</c>.</summary>
public static class ErrorCodes
{
    /// <summary>401: no key, or not a right one. One answer for all.</summary>
    public const string Unauthorized = "AUTH_001";

    /// <summary>401: a right key of a token that is expired, disabled, pending or deleted.</summary>
    public const string TokenNotUsable = "AUTH_002";

    /// <summary>403: the address may not use the account's tokens.</summary>
    public const string AddressNotAllowed = "AUTH_003";

    /// <summary>403: the token may not use the module.</summary>
    public const string ModuleNotEnabled = "AUTH_004";

    /// <summary>403: the token may manage tokens, but not this one in this way.</summary>
    public const string BeyondReach = "AUTH_005";

    /// <summary>403: the token asked for a key that would end later than its own.</summary>
    public const string Outlives = "AUTH_006";

    /// <summary>429.</summary>
    public const string TooManyRequests = "RATE_001";

    /// <summary>404: nobody owns the path, or there is no such object.</summary>
    public const string NotFound = "NFND_001";

    /// <summary>405: the path is right, the method is not.</summary>
    public const string MethodNotAllowed = "MTHD_001";

    /// <summary>400 (or 408, 413, 415, 431): something in the request is not as it must be; one error for each fault.</summary>
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

    /// <summary>502: the module's upstream cannot be reached, broke off, or answered what is no HTTP.</summary>
    public const string UpstreamFailed = "GTW_002";

    /// <summary>504: the module's upstream took too long.</summary>
    public const string UpstreamTooSlow = "GTW_003";

    /// <summary>503: none of the module's upstreams is healthy.</summary>
    public const string NoHealthyUpstream = "GTW_004";

    /// <summary>403: a proxy asked, but did not say what about.</summary>
    public const string UnclearQuestion = "GTW_005";

    /// <summary>503: the database cannot be used at present, as while another program holds it. Nothing was changed.</summary>
    public const string DatabaseUnavailable = "DB_001";

    /// <summary>507: the disk that holds the database is full. Nothing was changed.</summary>
    public const string DatabaseFull = "DB_002";

    /// <summary>500: a fault of Portal's own.</summary>
    public const string Internal = "SRV_001";
}
