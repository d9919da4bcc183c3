namespace Portal.Authentication.Cors;

/// <summary>The section <c>Api:Cors</c> of the configuration: which web applications of other origins may call the API from a
/// browser.</summary>
/// <remarks>A <c>null</c> in the file counts as nothing written.</remarks>
public sealed class ApiCorsOptions
{
    public const string SectionName = "Api:Cors";
    public const string Any = "*";

    /// <summary>Like <c>https://app.example.com</c>, or <c>https://*.example.com</c> for every subdomain; <c>*</c>: any. None: CORS is off.</summary>
    public List<string> Origins { get; init => field = value ?? []; } = [];

    /// <summary>None: GET, HEAD, POST, PUT, PATCH and DELETE. <c>*</c>: any.</summary>
    public List<string> Methods { get; init => field = value ?? []; } = [];

    /// <summary>The headers that pages may send. If empty, all.</summary>
    public List<string> Headers { get; init => field = value ?? []; } = [];

    /// <summary>The response headers that pages may read, besides those of the API itself.</summary>
    public List<string> ExposedHeaders { get; init => field = value ?? []; } = [];

    /// <summary>Whether browsers send cookies. The API key isn't a cookie and doesn't need this.</summary>
    public bool AllowCredentials { get; init; }

    /// <summary>The time for which a browser caches the response to a preflight, up to 24 hours.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);
}
