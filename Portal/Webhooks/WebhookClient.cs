using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Portal.Data;

namespace Portal.Webhooks;

/// <summary>Sends requests to endpoints. It never follows a redirect, waits at most <see cref="LongestWait"/>, and reads only the beginning of a
/// response.</summary>
public sealed class WebhookClient : IDisposable
{
    /// <summary>The time from the beginning of an attempt until the response has been read.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    /// <summary>In bytes.</summary>
    private const int MostRead = 4_096;

    /// <summary>In kilobytes.</summary>
    private const int LongestHeaders = 16;

    /// <summary>The longest time for which a <c>Retry-After</c> is honored.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);

    private readonly WebhookTargets _targets;
    private readonly HostResolver _resolver;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _http;

    public WebhookClient(WebhookTargets targets, HostResolver resolver, TimeProvider clock)
    {
        (_targets, _resolver, _clock) = (targets, resolver, clock);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false, // Otherwise, a proxy would resolve the name, and the address couldn't be checked.
            UseCookies = false,
            ConnectTimeout = LongestWait,
            MaxResponseDrainSize = 64 * 1_024, // The rest of a long response is discarded with its connection.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxResponseHeadersLength = LongestHeaders,
            // A reused connection keeps an address that was checked.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>Sends a message. Never throws, except if <paramref name="cancellation"/> ends it.</summary>
    internal async Task<WebhookResponse> SendAsync(string url, IEnumerable<KeyValuePair<string, string>> headers, string body, CancellationToken cancellation)
    {
        var began = _clock.GetTimestamp();
        int Elapsed() => (int)Math.Min(_clock.GetElapsedTime(began).TotalMilliseconds, int.MaxValue);
        using var limit = new CancellationTokenSource(LongestWait, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await _http.SendAsync(request, both.Token);
            var text = await ReadAsync(response, both.Token);
            var status = (int)response.StatusCode;
            return new WebhookResponse(status, Elapsed(), status is >= 300 and < 400 ? WebhookFault.Redirected : null, null, text, PauseOf(response.Headers.RetryAfter));
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception) when (limit.IsCancellationRequested)
        {
            return new WebhookResponse(null, Elapsed(), WebhookFault.TimedOut);
        }
        catch (Exception exception)
        {
            var (fault, detail) = Describe(exception);
            return new WebhookResponse(null, Elapsed(), fault, detail);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Checks the addresses of the host and connects to one of them. The name isn't resolved again in between, so it can't change.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(context.DnsEndPoint.Host, out var literal) ? [literal] : await _resolver(context.DnsEndPoint.Host, cancellation);
        var isEncrypted = context.InitialRequestMessage.RequestUri?.Scheme == Uri.UriSchemeHttps;
        if (addresses.FirstOrDefault(address => !_targets.Allows(address, isEncrypted)) is { } refused)
            throw new AddressRefusedException(refused);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MostRead];
        var length = await stream.ReadAtLeastAsync(buffer, MostRead, throwOnEndOfStream: false, cancellation);
        if (length == 0)
            return null;
        var text = new StringBuilder(length);
        foreach (var rune in Encoding.UTF8.GetString(buffer, 0, length).EnumerateRunes())
            text.Append(Rune.IsControl(rune) && rune.Value is not ('\n' or '\t') ? " " : rune.ToString());
        var shown = SecretText.Hide(text.ToString());
        return shown.Length <= WebhookAttempt.ResponseLength ? shown : shown[..(char.IsHighSurrogate(shown[WebhookAttempt.ResponseLength - 1]) ? WebhookAttempt.ResponseLength - 1 : WebhookAttempt.ResponseLength)];
    }

    private TimeSpan? PauseOf(RetryConditionHeaderValue? header)
    {
        var pause = header?.Delta ?? (header?.Date is { } date ? date - _clock.GetUtcNow() : null);
        return pause is null || pause <= TimeSpan.Zero ? null : pause < LongestPause ? pause : LongestPause;
    }

    private static (WebhookFault Fault, string? Detail) Describe(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
            switch (inner)
            {
                case AddressRefusedException refused:
                    return (WebhookFault.AddressRefused, refused.Address.ToString());
                case AuthenticationException:
                    return (WebhookFault.CertificateInvalid, null);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return (WebhookFault.NameNotFound, null);
                case SocketException socket:
                    return (WebhookFault.ConnectionFailed, socket.SocketErrorCode.ToString());
            }

        return (WebhookFault.ResponseInvalid, (exception as HttpRequestException)?.HttpRequestError.ToString());
    }

    private sealed class AddressRefusedException(IPAddress address) : Exception(string.Create(CultureInfo.InvariantCulture, $"The address {address} isn't allowed."))
    {
        public IPAddress Address => address;
    }
}
