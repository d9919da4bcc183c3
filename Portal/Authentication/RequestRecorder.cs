using System.Net;
using Portal.Catalog;
using Portal.Data;
using Portal.Statistics;
using Portal.Statistics.Export;

namespace Portal.Authentication;

/// <summary>Records the decisions about requests of tokens, both for requests through Portal and for those that a proxy asks about.</summary>
internal sealed class RequestRecorder(RequestCounters counters, RefusedKeys refusedKeys, RequestExport export, MonotonicClock clock)
{
    /// <summary>Records a request that Portal refuses. The response contains the request ID, so reading it here creates nothing more.</summary>
    /// <param name="took">The duration so far.</param>
    /// <inheritdoc cref="Count(in AccessDecision, Module?, int, string, Module?, IPAddress?, string?, in ServedRequest)"/>
    public void CountRefused(HttpContext context, IPAddress? address, TimeSpan took, in AccessDecision decision, Module? module, int status, string reason, Module? used)
    {
        var request = context.Request;
        Count(decision, module, status, reason, used, address, ClientOf(request), new ServedRequest(request.Method, request.Path.Value, took, context.TraceIdentifier));
    }

    /// <param name="decision">The decision. Without a credential, the request is counted only if its key turns out to be a retired one.</param>
    /// <param name="module">The owner of the path.</param>
    /// <param name="status">The status code of the response.</param>
    /// <param name="reason">The code of Portal's refusal; empty if it didn't refuse the request.</param>
    /// <param name="used">The module that the request was passed on to; null if there is none.</param>
    /// <param name="address">The client's address; null if unknown.</param>
    /// <param name="client">The user agent; null if the client sends none.</param>
    /// <param name="served">The request itself.</param>
    public void Count(
        in AccessDecision decision, Module? module, int status, string reason, Module? used, IPAddress? address, string? client, in ServedRequest served)
    {
        if (decision.Credential is not { } credential)
        {
            refusedKeys.Add(new RefusedRequest(decision.Refused, decision.Now, module, status, address, client, served));
            return;
        }

        var began = clock.ToStorableTime(decision.Now);
        var key = new CountKey(credential.TokenId, DateOnly.FromDateTime(began), module?.Id ?? "", status, reason) { Hour = (byte)began.Hour };
        // The key was in use until the end.
        var use = new Use(decision.SecretId, began + (served.Duration ?? TimeSpan.Zero), address, used?.Id ?? "", client);
        counters.Count(key, use, decision.Admitted, served);
        if (export.IsOn && served.Method is not null)
            export.Add(new ExportedRequest(began, credential.Handle, served.Method, served.Path, key.ModuleId, status, reason, served.Duration, served.RequestId, address));
    }

    /// <summary>The user agent of the client.</summary>
    public static string? ClientOf(HttpRequest request) => request.Headers.UserAgent is [var client, ..] ? client : null;
}
