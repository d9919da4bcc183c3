using System.Net;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portal.Authentication;
using Portal.Wire;

namespace Portal.Hosting.Https;

/// <summary>Serves HTTPS with a certificate from a file.</summary>
internal static class HttpsExtensions
{
    /// <summary>The port of the redirect to HTTPS, if it isn't the one that Portal listens on.</summary>
    private const string PublicPort = "https_port";

    private static readonly Refusal NeedsHttps = new(
        StatusCodes.Status400BadRequest, ErrorCodes.Invalid,
        "Portal accepts API requests over HTTPS only. Use an address that begins with https://. The key in this request was sent unencrypted, so rotate it.");

    /// <summary>Adds the certificate and the address, if the setting names a certificate.</summary>
    /// <exception cref="Secrets.SecretException">The certificate can't be used; the message says what to do.</exception>
    public static void AddHttps(this WebApplicationBuilder builder)
    {
        if (HttpsCertificate.ReadOptions(builder.Configuration) is not { } options)
            return;
        HttpsCertificate.FileOf(options).Load();
        builder.Services.AddSingleton(services => new HttpsCertificate(options, services.GetRequiredService<ILogger<HttpsCertificate>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<HttpsCertificate>());
        var addresses = ListenAddresses.Of(builder.Configuration);
        if (!addresses.Any(ListenAddresses.IsHttps) && !ListenAddresses.HasEndpoints(builder.Configuration))
            builder.WebHost.UseUrls([.. addresses, options.Url]);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https =>
        {
            var certificate = kestrel.ApplicationServices.GetRequiredService<HttpsCertificate>();
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.ServerCertificateSelector = (_, _) => certificate.Current.TargetCertificate;
            https.OnAuthenticate = (_, connection) =>
            {
                // The selector can't send the intermediate certificates.
                connection.ServerCertificateSelectionCallback = null;
                connection.ServerCertificateContext = certificate.Current;
            };
        }));
    }

    /// <summary>Sends people from HTTP to HTTPS, and refuses programs: a redirect would hide that their key was sent unencrypted. Connections from this
    /// machine may use HTTP, and so may health checks.</summary>
    public static void UseHttpsOnly(this WebApplication app)
    {
        if (app.Services.GetService<HttpsCertificate>() is null)
            return;
        app.Use((context, next) =>
            context.Request.IsHttps || context.Connection.LocalIpAddress is not { } address || IPAddress.IsLoopback(address) || context.Request.Path.StartsWithSegments("/health")
                ? next(context)
                : RefuseAsync(context));
    }

    private static Task RefuseAsync(HttpContext context)
    {
        if (ApiKeyMiddleware.Guards(context))
            return NeedsHttps.WriteAsync(context.Response);
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("Portal accepts forms over HTTPS only. Open the page again with https://.", context.RequestAborted);
        }

        var host = context.Request.Host;
        var target = PortOf(context) is { } port && port != 443 ? new HostString(host.Host, port) : new HostString(host.Host);
        context.Response.Redirect($"https://{target.ToUriComponent()}{context.Request.PathBase.ToUriComponent()}{context.Request.Path.ToUriComponent()}{context.Request.QueryString}", permanent: false, preserveMethod: true);
        return Task.CompletedTask;
    }

    private static int? PortOf(HttpContext context)
    {
        var services = context.RequestServices;
        if (int.TryParse(services.GetRequiredService<IConfiguration>()[PublicPort], out var configured))
            return configured;
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        return addresses?.FirstOrDefault(ListenAddresses.IsHttps) is { } own ? BindingAddress.Parse(own).Port : null;
    }
}
