using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.IpRules;
using Portal.Tests.Support;
using Portal.Webhooks;
using StandardWebhooks;

namespace Portal.Tests.Webhooks;

/// <summary>Changes arrive at real receivers, signed, in order, and until they are accepted.</summary>
public sealed class WebhookDeliveryTests : IAsyncLifetime
{
    private TestPortal _portal = null!;
    private TestReceiver _receiver = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => (_portal, _receiver) = (await TestPortal.CreateAsync(settings: WebhookSetup.Local), await TestReceiver.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _portal.DisposeAsync();
    }

    [Fact]
    public async Task Deliver_Change_ArrivesWithItsTokenActorAndChanges()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        var handle = (await _portal.CreateAsync()).Handle;
        await _portal.Tokens.DisableAsync(_portal.Operator, handle, cancellation: Cancellation);

        Assert.Equal(2, await _portal.DeliverAsync());

        Assert.Equal(["token.created", "token.disabled"], _receiver.Messages.Select(message => message.Type));
        var body = _receiver.Messages[1].Read();
        Assert.Equal(_portal.Now, body.GetProperty("timestamp").GetDateTime());
        var data = body.GetProperty("data");
        Assert.Equal(TestPortal.Account, data.GetProperty("account_id").GetString());
        Assert.Equal((handle, "Nightly report", "EXT-000", "inactive"), (
            data.GetProperty("token").GetProperty("handle").GetString(), data.GetProperty("token").GetProperty("name").GetString(),
            data.GetProperty("token").GetProperty("extension_id").GetString(), data.GetProperty("token").GetProperty("status").GetString()));
        Assert.Equal(("user", _portal.Operator.Id, _portal.Operator.Name), (
            data.GetProperty("actor").GetProperty("kind").GetString(), data.GetProperty("actor").GetProperty("id").GetString(), data.GetProperty("actor").GetProperty("name").GetString()));
        Assert.Equal("EXT-000", _receiver.Messages[0].Read().GetProperty("data").GetProperty("changes").GetProperty("extension").GetString());
        Assert.All(await _portal.DeliveriesAsync(), delivery => Assert.Equal(DeliveryState.Delivered, delivery.State));
        Assert.Equal(0, await _portal.DeliverAsync());
    }

    [Fact]
    public async Task Deliver_Message_IsSignedAsAnIndependentLibrarySigns()
    {
        var (_, secret) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync(name: "Größe \"<&>\" 日本");
        await _portal.DeliverAsync();

        var message = Assert.Single(_receiver.Messages);
        var at = long.Parse(message.Headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture);
        Assert.Equal(new DateTimeOffset(_portal.Now).ToUnixTimeSeconds(), at);
        Assert.Equal("application/json", message.Headers.ContentType);
        Assert.StartsWith("msg_", message.Id, StringComparison.Ordinal);
        Assert.Equal(new StandardWebhook(secret).Sign(message.Id, DateTimeOffset.FromUnixTimeSeconds(at), message.Body), message.Headers["webhook-signature"]);
        Assert.DoesNotContain("traceparent", message.Headers.Keys);
    }

    [Fact]
    public async Task Deliver_DuringTheOverlap_HasBothSignaturesAndThenOne()
    {
        var (id, former) = await _portal.AddEndpointAsync(_receiver.Url);
        var rotated = Assert.IsType<WebhookOutcome.Done>(
            await _portal.Webhooks().RotateAsync(_portal.Administrator, id, (await _portal.EndpointAsync(id)).Version, TimeSpan.FromHours(24), Cancellation));
        await _portal.CreateAsync();
        await _portal.DeliverAsync();
        _portal.Clock.Advance(TimeSpan.FromHours(24));
        await _portal.CreateAsync(name: "Second");
        await _portal.DeliverAsync();

        string Sign(string secret, ReceivedMessage message) =>
            new StandardWebhook(secret).Sign(message.Id, DateTimeOffset.FromUnixTimeSeconds(long.Parse(message.Headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture)), message.Body);
        var (during, after) = (_receiver.Messages[0], _receiver.Messages[1]);
        Assert.Equal($"{Sign(rotated.Secret!, during)} {Sign(former, during)}", during.Headers["webhook-signature"]);
        Assert.Equal(Sign(rotated.Secret!, after), after.Headers["webhook-signature"]);

        await _portal.Services.GetRequiredService<WebhookUpkeep>().ForgetSecretsAsync(Cancellation);
        await using var context = await _portal.OpenAsync();
        Assert.Null((await context.WebhookEndpoints.SingleAsync(Cancellation)).PreviousSecret);
    }

    [Fact]
    public async Task Deliver_RefusedMessage_HoldsBackOnlyLaterOnesOfItsToken()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        var (first, second) = ((await _portal.CreateAsync(name: "First")).Handle, (await _portal.CreateAsync(name: "Second")).Handle);
        await _portal.Tokens.DisableAsync(_portal.Operator, first, cancellation: Cancellation);
        await _portal.Tokens.DisableAsync(_portal.Operator, second, cancellation: Cancellation);
        _receiver.Status = message => message.Handle == first ? 500 : 204;

        await _portal.DeliverAsync();
        Assert.Equal(["token.created", "token.disabled"], _receiver.Messages.Where(message => message.Handle == second).Select(message => message.Type));
        Assert.All(_receiver.Messages.Where(message => message.Handle == first), message => Assert.Equal("token.created", message.Type));

        _receiver.Status = _ => 204;
        _receiver.Clear();
        _portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await _portal.DeliverAsync();
        Assert.Equal(["token.created", "token.disabled"], _receiver.Messages.Select(message => message.Type));
        Assert.All(_receiver.Messages, message => Assert.Equal(first, message.Handle));
        var deliveries = await _portal.DeliveriesAsync();
        Assert.Equal(deliveries[0].MessageId, _receiver.Messages[0].Id);
    }

    [Fact]
    public async Task Deliver_OnlyChosenEventsAndExtensions_Arrive()
    {
        await _portal.AddEndpointAsync(_receiver.Url, "token.disabled", "token.address_rules_changed");
        Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().AddAsync(
            _portal.Administrator, new WebhookInput(_receiver.Url.Replace("hooks", "zapier", StringComparison.Ordinal), null, [], [_portal.Catalog.Extensions[1].Id]), Cancellation));
        var handle = (await _portal.CreateAsync()).Handle;
        await _portal.Tokens.DisableAsync(_portal.Operator, handle, cancellation: Cancellation);
        await _portal.Services.GetRequiredService<IpRuleService>().AddAsync(_portal.Administrator, new NewIpRule("Office", "192.0.2.7"), Cancellation);
        await _portal.DeliverAsync();

        Assert.Equal(["token.disabled", "token.address_rules_changed"], _receiver.Messages.Where(message => message.Path == "/hooks").Select(message => message.Type).Order().Reverse());
        var forAll = Assert.Single(_receiver.Messages, message => message.Path == "/zapier");
        Assert.Equal(JsonValueKind.Null, forAll.Read().GetProperty("data").GetProperty("token").ValueKind);
    }

    [Fact]
    public async Task Deliver_ChangesOfAnotherAccount_NeverArrive()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync(_portal.OtherAccountActor, TestTokens.Wanted());
        Assert.Equal(0, await _portal.DeliverAsync());
    }

    [Fact]
    public async Task Deliver_Notices_AreEvents()
    {
        await _portal.AddEndpointAsync(_receiver.Url);
        var handle = (await _portal.CreateAsync()).Handle;
        await using (var context = await _portal.OpenAsync())
        {
            var portal = new Actor(ActorKind.System, "portal", "Portal", TestPortal.Account, Role.Viewer);
            _portal.Services.GetRequiredService<AuditLog>().Add(context, portal, "notice.expiring", handle, "Nightly report", new Dictionary<string, object?> { ["days"] = 7 });
            await context.SaveChangesAsync(Cancellation);
        }

        await _portal.DeliverAsync();
        Assert.Equal(("token.expiring", 7), (_receiver.Messages[^1].Type, _receiver.Messages[^1].Read().GetProperty("data").GetProperty("changes").GetProperty("days").GetInt32()));
    }

    [Fact]
    public async Task Resend_FailedOnes_ArriveAgainWithTheSameId()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        await _portal.DeliverAsync();
        var delivery = Assert.Single(await _portal.DeliveriesAsync());

        Assert.Equal(1, Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().ResendAsync(_portal.Administrator, id, delivery.Id, Cancellation)).Count);
        await _portal.DeliverAsync();
        Assert.Equal([delivery.MessageId, delivery.MessageId], _receiver.Messages.Select(message => message.Id));
        Assert.Equal(_receiver.Messages[0].Body, _receiver.Messages[1].Body);
        Assert.IsType<WebhookOutcome.Refused>(await _portal.Webhooks().ResendFailedAsync(_portal.Administrator, id, Cancellation));
        Assert.Equal(2, (await _portal.AttemptsAsync()).Count);
    }

    [Fact]
    public async Task Resend_WaitingOne_IsTriedNow()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        _receiver.Status = _ => 500;
        await _portal.DeliverAsync();
        _portal.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await _portal.DeliverAsync());
        var delivery = Assert.Single(await _portal.DeliveriesAsync());
        Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().ResendAsync(_portal.Administrator, id, delivery.Id, Cancellation));
        Assert.Equal(1, await _portal.DeliverAsync());
        Assert.Equal(2, Assert.Single(await _portal.DeliveriesAsync()).Attempts);
    }

    [Fact]
    public async Task Resend_UnderWay_IsRefused()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync();
        await _portal.DispatchAsync();
        var delivery = Assert.Single(await _portal.DeliveriesAsync());
        await using (var context = await _portal.OpenAsync())
            await _portal.Services.GetRequiredService<DeliveryRecorder>().ClaimAsync(context, [delivery], _portal.Now, Cancellation);
        Assert.IsType<WebhookOutcome.Refused>(await _portal.Webhooks().ResendAsync(_portal.Administrator, id, delivery.Id, Cancellation));
    }

    [Fact]
    public async Task Test_FailingEndpoint_NeedNotWait()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        for (var i = 0; i < 10; i++)
            await _portal.CreateAsync(name: $"Token {i}");
        _receiver.Status = _ => 500;
        await _portal.DeliverAsync();
        await _portal.Webhooks().TestAsync(_portal.Administrator, id, Cancellation);
        _receiver.Clear();
        await _portal.DeliverAsync();
        Assert.Equal("webhook.test", Assert.Single(_receiver.Messages).Type);
    }

    [Fact]
    public async Task Test_Endpoint_ReceivesATest()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url, "token.deleted");
        Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().TestAsync(_portal.Administrator, id, Cancellation));
        await _portal.DeliverAsync();
        Assert.Equal("webhook.test", Assert.Single(_receiver.Messages).Type);
    }

    [Fact]
    public async Task Dispatch_DisabledEndpoint_GetsOnlyWhatHappensAfterItIsEnabled()
    {
        var (id, _) = await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync(name: "Waits");
        await _portal.DispatchAsync();
        await _portal.Webhooks().DisableAsync(_portal.Administrator, id, Cancellation);
        await _portal.CreateAsync(name: "Missed");
        Assert.Equal(0, await _portal.DeliverAsync());

        await _portal.Webhooks().EnableAsync(_portal.Administrator, id, Cancellation);
        await _portal.CreateAsync(name: "Later");
        await _portal.DeliverAsync();
        Assert.Equal(["Later", "Waits"], _receiver.Messages.Select(message => message.Read().GetProperty("data").GetProperty("token").GetProperty("name").GetString()).Order());
    }

    [Fact]
    public async Task Metrics_Attempts_AreCounted()
    {
        using var recorder = new MetricRecorder(_portal.Services);
        await _portal.AddEndpointAsync(_receiver.Url);
        await _portal.CreateAsync(name: "First");
        await _portal.CreateAsync(name: "Second");
        _receiver.Status = message => message.Read().GetProperty("data").GetProperty("token").GetProperty("name").GetString() == "First" ? 503 : 204;
        await _portal.DeliverAsync();
        _portal.Clock.Advance(TimeSpan.FromSeconds(2));
        await _portal.Services.GetRequiredService<WebhookUpkeep>().CountAsync(Cancellation);

        Assert.Equal(
            ["portal.webhooks.attempts delivered 1", "portal.webhooks.attempts retried 1", "portal.webhooks.oldest 2", "portal.webhooks.waiting 1"], recorder.Read("portal.webhooks"));
    }
}
