using Portal.Authentication;

namespace Portal.Hosting;

/// <summary>Tells browsers to load nothing from elsewhere, to frame nothing and to guess no types.</summary>
internal static class SecurityHeaders
{
    /// <summary>Not for the API: no browser shows its answers, and those of upstreams pass as they are.</summary>
    public static void UsePortalSecurityHeaders(this IApplicationBuilder app) =>
        app.UseWhen(context => !ApiKeyMiddleware.Guards(context), people =>
        {
            people.UseHostPrefixedCookies();
            people.UseRelativeRedirects();
            people.UseSecurityHeaders(Headers());
        });

    private static HeaderPolicyCollection Headers() => new HeaderPolicyCollection()
        .AddContentTypeOptionsNoSniff()
        .AddFrameOptionsDeny()
        .AddReferrerPolicySameOrigin()
        .AddStrictTransportSecurityMaxAge()
        .AddCrossOriginOpenerPolicy(opener => opener.SameOrigin())
        .RemoveServerHeader()
        .AddContentSecurityPolicy(content =>
        {
            content.AddDefaultSrc().None();
            content.AddScriptSrc().Self();
            content.AddConnectSrc().Self();
            content.AddImgSrc().Self().Data();
            content.AddFontSrc().Self();
            // MudBlazor places its popovers, and ApexCharts its drawing, with styles on elements.
            content.AddStyleSrc().Self().UnsafeInline();
            content.AddBaseUri().Self();
            content.AddFormAction().Self();
            content.AddFrameAncestors().None();
        })
        .AddPermissionsPolicy(features =>
        {
            features.AddCamera().None();
            features.AddDisplayCapture().None();
            features.AddGeolocation().None();
            features.AddMicrophone().None();
            features.AddMidi().None();
            features.AddPayment().None();
            features.AddUsb().None();
            features.AddCustomFeature("browsing-topics").None();
            // Copy asks for it; a page that could frame Portal must not.
            features.AddCustomFeature("clipboard-write").Self();
        });
}
