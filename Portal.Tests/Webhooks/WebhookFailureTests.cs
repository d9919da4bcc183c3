using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Webhooks;

namespace Portal.Tests.Webhooks;

/// <summary>Receivers that fail, hang, redirect or send too much, and addresses that Portal must not reach.</summary>
public sealed class WebhookFailureTests : IAsyncLifetime
{
    private IPAddress[] _addresses = [IPAddress.Loopback];
    private int _resolved;
    private TestPortal _portal = null!;
    private TestReceiver _receiver = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _portal = await TestPortal.CreateAsync(settings: new() { ["Webhooks:AllowedNetworks:0"] = "127.0.0.1" }, services: services => services.AddSingleton<HostResolver>((_, _) =>
        {
            _resolved++;
            return Task.FromResult(_addresses);
        }));
        _receiver = await TestReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Send_ErrorsForADay_TriesLessAndLessOftenAndThenFails()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        _receiver.Status = _ => 500;
        await _portal.DeliverAsync();
        while (Assert.Single(await _portal.DeliveriesAsync()) is { State: DeliveryState.Waiting } waiting)
        {
            if (waiting.NextAttemptAt > _portal.Now)
                _portal.Clock.Advance(waiting.NextAttemptAt - _portal.Now);
            // The last attempt can be soon after the one before, and the endpoint gets at most one in a minute by then.
            if (await _portal.DeliverAsync() == 0)
                _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var attempts = await _portal.AttemptsAsync();
        Assert.InRange(attempts.Count, 24, 40);
        Assert.Equal(attempts.Count, _receiver.Messages.Count);
        Assert.Single(_receiver.Messages.Select(message => message.Id).Distinct());
        var pauses = attempts.Zip(attempts.Skip(1), (one, next) => next.At - one.At).ToList();
        Assert.InRange(pauses[0], TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
        Assert.InRange(pauses[1], TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(18));
        Assert.All(pauses.Skip(8).SkipLast(1), pause => Assert.InRange(pause, TimeSpan.FromMinutes(48), TimeSpan.FromMinutes(72)));
        Assert.InRange(attempts[^1].At - attempts[0].At, TimeSpan.FromHours(24), TimeSpan.FromMinutes((24 * 60) + 2));
        Assert.All(attempts, attempt => Assert.Equal(500, attempt.StatusCode));
        Assert.Equal(DeliveryState.Failed, Assert.Single(await _portal.DeliveriesAsync()).State);
    }

    [Fact]
    public async Task Resend_FailedForADay_IsTriedForAnotherDay()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        _receiver.Status = _ => 500;
        await _portal.DeliverAsync();
        _portal.Clock.Advance(TimeSpan.FromHours(24));
        await _portal.DeliverAsync();
        Assert.Equal(DeliveryState.Failed, Assert.Single(await _portal.DeliveriesAsync()).State);

        Assert.Equal(1, Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().ResendFailedAsync(_portal.Administrator, id, Cancellation)).Count);
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await _portal.DeliverAsync();
        Assert.Equal(DeliveryState.Waiting, Assert.Single(await _portal.DeliveriesAsync()).State);
    }

    [Fact]
    public async Task Send_ErrorsForDays_SwitchesTheEndpointOffAndRecordsIt()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync(name: "First");
        _receiver.Status = _ => 500;
        await _portal.DeliverAsync();
        Assert.Equal(_portal.Now, (await _portal.EndpointAsync(id)).FailingSince);
        _portal.Clock.Advance(TimeSpan.FromHours(71));
        await _portal.CreateAsync(name: "Second");
        await _portal.DeliverAsync();
        Assert.Null((await _portal.EndpointAsync(id)).DisabledAt);

        _portal.Clock.Advance(TimeSpan.FromHours(1));
        await _portal.DeliverAsync();

        var endpoint = await _portal.EndpointAsync(id);
        Assert.Equal((_portal.Now, WebhookDisabledReason.Failing), (endpoint.DisabledAt, endpoint.DisabledReason));
        var entry = Assert.Single(await _portal.AuditAsync(), entry => entry.Action == WebhookService.Disabled);
        Assert.Equal(("system", "portal", $"http://127.0.0.1:{_receiver.Port}"), (entry.ActorKind, entry.ActorId, entry.TargetName));
        _receiver.Clear();
        _portal.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await _portal.DeliverAsync());
        Assert.IsType<WebhookOutcome.Refused>(await _portal.Webhooks().TestAsync(_portal.Administrator, id, Cancellation));
    }

    [Fact]
    public async Task Send_Gone_SwitchesTheEndpointOffAtOnce()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        _receiver.Status = _ => 410;
        await _portal.DeliverAsync();
        Assert.Equal(WebhookDisabledReason.Gone, (await _portal.EndpointAsync(id)).DisabledReason);
    }

    [Fact]
    public async Task Send_RetryAfter_IsHonored()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        _receiver.Respond = context =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, "7200");
            return Task.CompletedTask;
        };
        await _portal.DeliverAsync();
        Assert.Equal(_portal.Now.AddHours(2), Assert.Single(await _portal.DeliveriesAsync()).NextAttemptAt);
    }

    [Fact]
    public async Task Send_ManyWaitForAFailingEndpoint_TriesOneAtATime()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        for (var i = 0; i < 20; i++)
            await _portal.CreateAsync(name: $"Token {i}");
        _receiver.Status = _ => 500;
        Assert.Equal(WebhookSender.MostAtOnce, await _portal.DeliverAsync());
        _portal.Clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(0, await _portal.DeliverAsync());
        _portal.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await _portal.DeliverAsync());
        _receiver.Status = _ => 204;
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(20, await _portal.DeliverAsync());
    }

    [Fact]
    public async Task Send_Redirect_IsNotFollowed()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        _receiver.Respond = context =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (307, "/elsewhere");
            return Task.CompletedTask;
        };
        await _portal.DeliverAsync();
        Assert.Equal("/hooks", Assert.Single(_receiver.Messages).Path);
        Assert.Equal((307, "Redirected"), Assert.Single(await _portal.AttemptsAsync()) is var attempt ? (attempt.StatusCode, attempt.Error) : default);
    }

    [Fact]
    public async Task Send_HangingReceiver_EndsAndDelaysNoOther()
    {
        await using var other = await TestReceiver.StartAsync();
        await _portal.AddEndpointAsync(_receiver.Url);
        var (id, _) = await _portal.AddEndpointAsync(other.Url);
        await _portal.CreateAsync();
        await _portal.DispatchAsync();
        var (arrived, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        _receiver.Respond = _ =>
        {
            arrived.SetResult();
            return end.Task;
        };

        var sending = _portal.SendAsync();
        await arrived.Task.WaitAsync(Cancellation);
        var sender = _portal.Services.GetRequiredService<WebhookSender>();
        while (other.Messages.Count == 0)
            await sender.SendAsync(id, Cancellation);
        Assert.False(sending.IsCompleted);
        _portal.Clock.Advance(WebhookClient.LongestWait);
        await sending;
        end.SetResult();

        Assert.Contains(await _portal.AttemptsAsync(), attempt => attempt is { StatusCode: null, Error: "TimedOut" } && attempt.Duration == WebhookClient.LongestWait.TotalMilliseconds);
    }

    [Fact]
    public async Task Send_EndlessResponse_IsReadOnlyAtItsBeginning()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        long written = 0;
        var ended = new TaskCompletionSource();
        _receiver.Respond = async context =>
        {
            var chunk = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
            context.Response.ContentLength = 1L << 30;
            try
            {
                // After the connection has been closed, the server ignores what is written to the body, and only the result of the pipe says so.
                while (written < 1L << 30 && !(await context.Response.BodyWriter.WriteAsync(chunk, context.RequestAborted)).IsCompleted)
                    written += chunk.Length;
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // Portal has closed the connection.
            }

            ended.SetResult();
        };
        _receiver.Status = _ => 200;
        await _portal.DeliverAsync();
        await ended.Task.WaitAsync(Cancellation);

        Assert.True(written < 64 << 20, $"{written} bytes were read.");
        Assert.Equal(WebhookAttempt.ResponseLength, Assert.Single(await _portal.AttemptsAsync()).Response!.Length);
        Assert.Equal(DeliveryState.Delivered, Assert.Single(await _portal.DeliveriesAsync()).State);
    }

    [Fact]
    public async Task Send_NothingListens_IsRecorded()
    {
        await using (var gone = await TestReceiver.StartAsync())
            await _portal.AddEndpointAsync(gone.Url);
        await _portal.CreateAsync();
        await _portal.DeliverAsync();
        Assert.Equal("ConnectionFailed ConnectionRefused", Assert.Single(await _portal.AttemptsAsync()).Error);
    }

    /// <summary>The name leads to an allowed address when the endpoint is added and for the first message, and to another one later.</summary>
    [Fact]
    public async Task Send_NameLeadsToAnotherAddressLater_IsRefusedWhenConnecting()
    {
        await _portal.AddEndpointAsync($"http://hooks.example.com:{_receiver.Port}/");
        await _portal.CreateAsync(name: "First");
        _receiver.Respond = context =>
        {
            context.Response.Headers.Connection = "close";
            return Task.CompletedTask;
        };
        await _portal.DeliverAsync();
        Assert.Single(_receiver.Messages);
        // Once: between the check and the connection, the name isn't resolved again.
        Assert.Equal(1, _resolved);

        _addresses = [IPAddress.Loopback, IPAddress.Parse("127.0.0.2")];
        await _portal.CreateAsync(name: "Second");
        await _portal.DeliverAsync();
        Assert.Single(_receiver.Messages);
        Assert.Equal("AddressRefused 127.0.0.2", (await _portal.AttemptsAsync())[^1].Error);
    }

    [Fact]
    public async Task Send_SecretOfAnotherKeyRing_IsRecorded()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        await using (var context = await _portal.OpenAsync())
        {
            (await context.WebhookEndpoints.SingleAsync(Cancellation)).Secret = [1, 2, 3];
            await context.SaveChangesAsync(Cancellation);
        }

        await _portal.DeliverAsync();
        Assert.Empty(_receiver.Messages);
        Assert.Equal("SecretUnreadable", Assert.Single(await _portal.AttemptsAsync()).Error);
    }
}
