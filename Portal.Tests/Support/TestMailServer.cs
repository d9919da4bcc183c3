using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Portal.Tests.Support;

/// <summary>A mail server on a free port of this machine, which keeps what it accepts.</summary>
internal sealed class TestMailServer : IAsyncDisposable
{
    public const string User = "portal", Password = "a password for mail";

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Inbox _inbox;

    private TestMailServer(SmtpServer.SmtpServer server, int port, Inbox inbox) => (Port, _inbox, _running) = (port, inbox, server.StartAsync(_stop.Token));

    public int Port { get; }

    public IReadOnlyCollection<MimeMessage> Mails => _inbox.Mails;

    /// <summary>The settings with which Portal uses this server.</summary>
    public Dictionary<string, string?> Settings => new()
    {
        ["Mail:Host"] = "127.0.0.1", ["Mail:Port"] = $"{Port}", ["Mail:Security"] = "None", ["Mail:From"] = "Portal <portal@example.com>",
        ["Mail:PortalUrl"] = "https://portal.example.com/team",
    };

    /// <param name="asksForPassword">Whether only <see cref="User"/> may send.</param>
    /// <param name="offersTls">Whether it offers STARTTLS, with a certificate that nobody trusts.</param>
    /// <param name="port">The port of a server that has ended; null: a free one.</param>
    public static TestMailServer Start(bool asksForPassword = false, bool offersTls = false, int? port = null)
    {
        var inbox = new Inbox();
        port ??= FreePort();
        var options = new SmtpServerOptionsBuilder().ServerName("mail.test").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, port.Value)).AllowUnsecureAuthentication();
            if (asksForPassword)
                endpoint.AuthenticationRequired();
            if (offersTls)
                endpoint.Certificate(CreateCertificate());
        }).Build();
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add((IMessageStore)inbox);
        services.Add((IMailboxFilter)inbox);
        services.Add((IUserAuthenticator)new OneUser());
        return new TestMailServer(new SmtpServer.SmtpServer(options, services), port.Value, inbox);
    }

    /// <summary>Waits for the next mail that wasn't waited for yet.</summary>
    public async Task<MimeMessage> ReceiveAsync()
    {
        await _inbox.Arrived.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return _inbox.Mails.ElementAt(Interlocked.Increment(ref _read) - 1);
    }

    private int _read;

    public async ValueTask DisposeAsync()
    {
        if (_running.IsCompleted)
            return;
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _inbox.Arrived.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=mail.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class OneUser : UserAuthenticator
    {
        public override Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken) =>
            Task.FromResult(user == User && password == Password);
    }

    /// <summary>Accepts mail for every address but those that begin with "refused".</summary>
    private sealed class Inbox : MessageStore, IMailboxFilter
    {
        private readonly ConcurrentQueue<MimeMessage> _mails = new();

        public SemaphoreSlim Arrived { get; } = new(0);

        public IReadOnlyCollection<MimeMessage> Mails => _mails;

        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var stream = new MemoryStream(buffer.ToArray());
            _mails.Enqueue(await MimeMessage.LoadAsync(stream, cancellationToken));
            Arrived.Release();
            return SmtpResponse.Ok;
        }

        public Task<bool> CanAcceptFromAsync(ISessionContext context, IMailbox from, int size, CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
            Task.FromResult(!to.User.StartsWith("refused", StringComparison.Ordinal));
    }
}
