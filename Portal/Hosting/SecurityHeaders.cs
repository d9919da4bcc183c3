using Portal.Authentication;

namespace Portal.Hosting;

/// <summary>Makes browsers load nothing from other hosts, allow no framing and guess no content types.</summary>
internal static class SecurityHeaders
{
    /// <summary>Adds the headers to everything but the API: browsers don't display its responses, and those of upstreams are passed on
    /// unchanged.</summary>
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
            // MudBlazor positions its popovers, and ApexCharts its drawing, with inline styles.
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
            // The copy buttons need it; a page that frames Portal must not get it.
            features.AddCustomFeature("clipboard-write").Self();
        });
}
