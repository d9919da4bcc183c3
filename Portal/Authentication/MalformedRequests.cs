using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Portal.Catalog;

namespace Portal.Authentication;

/// <summary>Applies the API's error format to requests to the API, and to authorization requests of proxies, that the web server refuses before
/// Portal's code runs: malformed headers, no host, a path that can't be decoded, or more headers than it reads.</summary>
/// <remarks>The server reports such a request through its diagnostics when the status and headers of the response are set but not sent. It offers no
/// way to write a body at that point, so the body is written to the connection directly after the headers. Over HTTP/2, where a connection carries
/// frames, the server's own response is kept.</remarks>
internal sealed class MalformedRequests(DiagnosticSource diagnostics, PathOwners owners, IEnumerable<IMalformedRequestForm> forms)
    : IHostedService, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string RefusedByServer = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private readonly IMalformedRequestForm[] _forms = [.. forms];

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = ((DiagnosticListener)diagnostics).Subscribe(this, name => name == RefusedByServer);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _subscription?.Dispose();

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features && !IsFramed(features) && features.Get<IHttpRequestFeature>() is { } request
            && features.Get<IHttpResponseFeature>() is { HasStarted: false } response && request.RawTarget is { } target)
        {
            var form = Array.Find(_forms, form => form.Covers(target));
            if (form is not null || IsForApi(target))
                Answer(features, request, response, form);
        }
    }

    public void OnCompleted()
    {
        // The process is ending.
    }

    public void OnError(Exception error)
    {
        // Diagnostics have no errors.
    }

    /// <summary>If the request line can't be read, the version is unknown. HTTP/1 is assumed then.</summary>
    private static bool IsFramed(IFeatureCollection features) =>
        features.Get<IHttp2StreamIdFeature>() is not null || features.Get<IStreamIdFeature>() is not null;

    private bool IsForApi(string target) => RequestTarget.Parse(target, ApiKeyMiddleware.BasePath, owners).IsApi;

    /// <param name="form">Null: the API's own.</param>
    private static void Answer(IFeatureCollection features, IHttpRequestFeature request, IHttpResponseFeature response, IMalformedRequestForm? form)
    {
        if (features.Get<IHttpResponseBodyFeature>() is not { } answer || features.Get<IConnectionTransportFeature>() is not { Transport.Output: var connection })
            return;
        var refusal = Refusals.Malformed(response.StatusCode);
        var body = refusal.ToBody(features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? "");
        form?.Adapt(features, refusal, response);
        response.Headers.ContentType = "application/json";
        response.Headers.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.Connection = "close";
        if (!answer.StartAsync().IsCompletedSuccessfully || HttpMethods.IsHead(request.Method))
            return;
        connection.Write(body);
        // The server sends pending data before it closes the connection.
        _ = connection.FlushAsync().AsTask();
    }
}
