using System.Buffers;
using Microsoft.Extensions.Options;

namespace Portal.Authentication.Cors;

/// <summary>Stops the start if an origin is one that no browser sends, or if browsers would refuse the settings.</summary>
internal sealed class ApiCorsValidator : IValidateOptions<ApiCorsOptions>
{
    private static readonly TimeSpan LongestMaxAge = TimeSpan.FromHours(24);

    /// <summary>RFC 9110, 5.6.2.</summary>
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public ValidateOptionsResult Validate(string? name, ApiCorsOptions options)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Origins.Count; i++)
            if (FaultOfOrigin(options.Origins[i]) is { } fault)
                faults.Add($"{Key(nameof(options.Origins))}:{i} \"{options.Origins[i]}\" {fault}");
        Check(options.Methods, nameof(options.Methods));
        Check(options.Headers, nameof(options.Headers));
        Check(options.ExposedHeaders, nameof(options.ExposedHeaders));
        if (options.AllowCredentials && options.Origins.Contains(ApiCorsOptions.Any))
            faults.Add($"{Key(nameof(options.AllowCredentials))} can't be combined with the origin *, which allows every website. List the origins instead.");
        if (options.MaxAge < TimeSpan.Zero || options.MaxAge > LongestMaxAge)
            faults.Add($"{Key(nameof(options.MaxAge))} {options.MaxAge} must be between 00:00:00 and 24 hours (1.00:00:00).");
        if (options.Origins.Count == 0 && (options.Methods.Count > 0 || options.Headers.Count > 0 || options.ExposedHeaders.Count > 0 || options.AllowCredentials))
            faults.Add($"{Key(nameof(options.Origins))} is empty, so the other settings of {ApiCorsOptions.SectionName} have no effect. List the origins, or remove the section.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(List<string> values, string list)
        {
            for (var i = 0; i < values.Count; i++)
                if (string.IsNullOrEmpty(values[i]) || values[i].AsSpan().ContainsAnyExcept(TokenCharacters))
                    faults.Add($"{Key(list)}:{i} \"{values[i]}\" must be a single name of letters, digits and hyphens.");
        }
    }

    private static string Key(string setting) => $"{ApiCorsOptions.SectionName}:{setting}";

    /// <summary>Browsers send origins in one form only, and origins are compared character by character.</summary>
    private static string? FaultOfOrigin(string? origin)
    {
        if (origin == ApiCorsOptions.Any)
            return null;
        // With a subdomain instead of the asterisk, the rest can be checked as an origin.
        var plain = origin?.Replace("://*.", "://any.", StringComparison.Ordinal) ?? "";
        if (plain.Contains(ApiCorsOptions.Any, StringComparison.Ordinal) || !Uri.TryCreate(plain, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
            return "must be an origin like https://app.example.com, https://*.example.com, or * for any.";
        var wanted = $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
        if (address.HostNameType == UriHostNameType.IPv6)
            wanted = address.GetLeftPart(UriPartial.Authority);
        return plain == wanted ? null
            : $"must be an origin as browsers send it: {wanted.Replace("://any.", "://*.", StringComparison.Ordinal)}, without a path or a slash at the end.";
    }
}
