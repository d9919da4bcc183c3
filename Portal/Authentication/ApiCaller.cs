using Microsoft.AspNetCore.Http.Features;
using Portal.Catalog;

namespace Portal.Authentication;

/// <summary>Who calls the API: what the gate tells the endpoints behind it. An endpoint takes it as a parameter.</summary>
/// <param name="Module">The module that owns the path; null: it is open to any valid token.</param>
public sealed record ApiCaller(Credential Credential, Module? Module)
{
    /// <exception cref="InvalidOperationException">The request did not come through the gate.</exception>
    public static ValueTask<ApiCaller> BindAsync(HttpContext context) => new(context.Features.GetRequiredFeature<ApiCaller>());
}
