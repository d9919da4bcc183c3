using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Audit;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Tests.Support;
using Portal.Tests.Tokens.Approvals;
using Portal.Tokens;
using Portal.Webhooks;

namespace Portal.Tests.Webhooks;

public sealed class WebhookServiceTests : IAsyncLifetime
{
    private const string Url = "https://hooks.example.com/portal?key=a-secret-of-the-receiver";

    private TestPortal _portal = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _portal = await TestPortal.CreateAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    public async Task Add_ValidInput_IsStoredWithAnEncryptedSecretAndRecordedWithoutTheAddress()
    {
        var done = Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().AddAsync(
            _portal.Administrator, new WebhookInput($" {Url} ", " Ticket system ", ["token.deleted", "token.created"], ["EXT-000"]), Cancellation));

        var endpoint = await _portal.EndpointAsync(done.EndpointId);
        Assert.Equal((Url, "Ticket system", _portal.Now), (endpoint.Url, endpoint.Description, endpoint.CreatedAt));
        Assert.Equal(["token.created", "token.deleted"], endpoint.Events);
        Assert.Equal(["EXT-000"], endpoint.Extensions);
        await using var context = await _portal.OpenAsync();
        var stored = await context.WebhookEndpoints.SingleAsync(Cancellation);
        Assert.Equal(done.Secret, WebhookSecret.Write(_portal.Services.GetRequiredService<WebhookSecretProtector>().Unprotect(stored.Secret)!));
        Assert.DoesNotContain(done.Secret!, done.ToString(), StringComparison.Ordinal);
        var entry = (await _portal.AuditAsync())[^1];
        Assert.Equal((WebhookService.Created, "https://hooks.example.com"), (entry.Action, entry.TargetName));
        Assert.DoesNotContain("a-secret", $"{entry.Details}{entry.TargetName}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_InvalidInput_ReportsEachField()
    {
        var invalid = Assert.IsType<WebhookOutcome.Invalid>(await _portal.Webhooks().AddAsync(
            _portal.Administrator, new WebhookInput("http://10.0.0.7", new string('x', 129), ["token.eaten"], ["EXT-999"]), Cancellation));
        Assert.Equal([WebhookField.Url, WebhookField.Description, WebhookField.Events, WebhookField.Extensions], invalid.Faults.Select(fault => fault.Field));
    }

    [Fact]
    public async Task Add_TooMany_IsRefused()
    {
        await using (var context = await _portal.OpenAsync())
        {
            context.WebhookEndpoints.AddRange(Enumerable.Range(0, WebhookService.MostEndpoints).Select(_ => new WebhookEndpoint
            {
                AccountId = TestPortal.Account, Url = Url, Secret = [], CreatedById = "", CreatedByName = "", UpdatedByName = "",
            }));
            await context.SaveChangesAsync(Cancellation);
        }

        Assert.IsType<WebhookOutcome.Refused>(await _portal.Webhooks().AddAsync(_portal.Administrator, WebhookSetup.Input(Url), Cancellation));
    }

    [Fact]
    public async Task Edit_VersionThatSomeoneChanged_ChangesNothing()
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        var version = (await _portal.EndpointAsync(id)).Version;
        Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().EditAsync(_portal.Administrator, id, version, WebhookSetup.Input("https://example.com/2"), Cancellation));
        Assert.IsType<WebhookOutcome.Changed>(await _portal.Webhooks().EditAsync(_portal.Administrator, id, version, WebhookSetup.Input("https://example.com/3"), Cancellation));
        Assert.IsType<WebhookOutcome.Changed>(await _portal.Webhooks().RotateAsync(_portal.Administrator, id, version, TimeSpan.Zero, Cancellation));
        Assert.Equal("https://example.com/2", (await _portal.EndpointAsync(id)).Url);
    }

    [Fact]
    public async Task Edit_SameInput_ChangesNothing()
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        var before = await _portal.EndpointAsync(id);
        var entries = (await _portal.AuditAsync()).Count;
        Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().EditAsync(_portal.Administrator, id, before.Version, WebhookSetup.Input(Url), Cancellation));
        Assert.Equal(before.Version, (await _portal.EndpointAsync(id)).Version);
        Assert.Equal(entries, (await _portal.AuditAsync()).Count);
    }

    [Fact]
    public async Task Rotate_TwoPeopleAtOnce_CreatesOneSecret()
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        var version = (await _portal.EndpointAsync(id)).Version;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => _portal.Webhooks().RotateAsync(_portal.Administrator, id, version, TimeSpan.FromHours(1), Cancellation)));
        Assert.Single(outcomes.OfType<WebhookOutcome.Done>());
        Assert.Single(outcomes.OfType<WebhookOutcome.Changed>());
        Assert.Equal(_portal.Now.AddHours(1), (await _portal.EndpointAsync(id)).PreviousEndsAt);
    }

    [Fact]
    public async Task Reencrypt_AfterANewKey_KeepsBothSecrets()
    {
        var (id, former) = await _portal.AddEndpointAsync(Url);
        var rotated = Assert.IsType<WebhookOutcome.Done>(
            await _portal.Webhooks().RotateAsync(_portal.Administrator, id, (await _portal.EndpointAsync(id)).Version, TimeSpan.FromHours(1), Cancellation));
        var before = await ReadAsync();

        // As if another key had encrypted them.
        var counts = await _portal.Services.GetServices<IEncryptedValues>().OfType<EncryptedWebhookSecrets>().Single().ReencryptAsync(Guid.CreateVersion7(), null, Cancellation);

        Assert.Equal(new ReencryptedValues(2, 2, 0), counts);
        var after = await ReadAsync();
        Assert.NotEqual(before.Secret, after.Secret);
        var protector = _portal.Services.GetRequiredService<WebhookSecretProtector>();
        Assert.Equal((rotated.Secret, former), (WebhookSecret.Write(protector.Unprotect(after.Secret)!), WebhookSecret.Write(protector.Unprotect(after.PreviousSecret!)!)));

        async Task<WebhookEndpoint> ReadAsync()
        {
            await using var context = await _portal.OpenAsync();
            return await context.WebhookEndpoints.AsNoTracking().SingleAsync(Cancellation);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8 * 24)]
    public async Task Rotate_OverlapThatIsTooLong_IsInvalid(int hours)
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        Assert.IsType<WebhookOutcome.Invalid>(await _portal.Webhooks().RotateAsync(_portal.Administrator, id, (await _portal.EndpointAsync(id)).Version, TimeSpan.FromHours(hours), Cancellation));
    }

    [Fact]
    public async Task Delete_Endpoint_RemovesItsDeliveries()
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        var (other, _) = await _portal.AddEndpointAsync(Url);
        await _portal.CreateAsync();
        await _portal.DispatchAsync();
        Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().DeleteAsync(_portal.Administrator, id, Cancellation));
        Assert.IsType<WebhookOutcome.NotFound>(await _portal.Webhooks().DeleteAsync(_portal.Administrator, id, Cancellation));
        Assert.Equal(other, Assert.Single(await _portal.DeliveriesAsync()).EndpointId);
        Assert.Equal(WebhookService.Deleted, (await _portal.AuditAsync())[^1].Action);
    }

    [Fact]
    public async Task Endpoints_OfAnotherAccount_DoNotExist()
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        await _portal.CreateAsync();
        await _portal.DispatchAsync();
        var (service, reader, stranger) = (_portal.Webhooks(), _portal.Services.GetRequiredService<WebhookReader>(), _portal.OtherAccountActor);
        Assert.IsType<WebhookOutcome.NotFound>(await service.EditAsync(stranger, id, default, WebhookSetup.Input(Url), Cancellation));
        Assert.IsType<WebhookOutcome.NotFound>(await service.DeleteAsync(stranger, id, Cancellation));
        Assert.IsType<WebhookOutcome.NotFound>(await service.ResendFailedAsync(stranger, id, Cancellation));
        Assert.Empty(await reader.ListAsync(stranger, Cancellation));
        Assert.Null(await reader.FindAsync(stranger, id, Cancellation));
        Assert.Empty((await reader.ListDeliveriesAsync(stranger, id, new DeliveryQuery(), Cancellation)).Rows);
        Assert.Null(await reader.FindDeliveryAsync(stranger, id, (await _portal.DeliveriesAsync())[0].Id, Cancellation));
        Assert.Single(await _portal.DeliveriesAsync());
    }

    [Fact]
    public async Task ListDeliveries_ByStateAndType_FindsThem()
    {
        var (id, _) = await _portal.AddEndpointAsync(Url);
        var handle = (await _portal.CreateAsync()).Handle;
        await _portal.Tokens.DisableAsync(_portal.Operator, handle, cancellation: Cancellation);
        await _portal.DispatchAsync();
        var reader = _portal.Services.GetRequiredService<WebhookReader>();
        async Task<IEnumerable<string>> FindAsync(DeliveryQuery query) => (await reader.ListDeliveriesAsync(_portal.Administrator, id, query, Cancellation)).Rows.Select(row => row.Type);

        Assert.Equal(["token.disabled", "token.created"], await FindAsync(new DeliveryQuery()));
        Assert.Equal(["token.created"], await FindAsync(new DeliveryQuery(DeliveryState.Waiting, "token.created", 99)));
        Assert.Empty(await FindAsync(new DeliveryQuery(DeliveryState.Failed)));
    }

    /// <summary>A token that doesn't exist yet has an extension, too.</summary>
    [Fact]
    public async Task Dispatch_Approval_ReachesEndpointsOfItsExtension()
    {
        foreach (var extension in (string[])["EXT-000", "EXT-001"])
            Assert.IsType<WebhookOutcome.Done>(await _portal.Webhooks().AddAsync(_portal.Administrator, new WebhookInput(Url, extension, [], [extension]), Cancellation));
        var (declined, approved) = (await _portal.RequestAsync("First"), await _portal.RequestAsync("Second"));
        await _portal.Approvals().DeclineAsync(_portal.Administrator, declined, "No", Cancellation);
        await _portal.Approvals().ApproveAsync(_portal.Administrator, approved, cancellation: Cancellation);

        await _portal.DispatchAsync();

        var deliveries = await _portal.DeliveriesAsync();
        Assert.Single(deliveries.Select(delivery => delivery.EndpointId).Distinct());
        Assert.Equal(
            ["approval.requested", "approval.requested", "approval.declined", "approval.approved", "token.created"],
            deliveries.Select(delivery => delivery.Type).OrderBy(type => type.StartsWith("token.", StringComparison.Ordinal)));
        var body = JsonNode.Parse(deliveries[0].Body)!["data"]!;
        Assert.Null(body["token"]);
        Assert.Equal(("First", "EXT-000", declined), ((string?)body["changes"]!["name"], (string?)body["changes"]!["extension"], (long)body["changes"]!["request"]!));
    }

    /// <summary>An action that someone adds later must be an event, or be listed as one that isn't sent.</summary>
    [Fact]
    public void Events_EachAuditActionOfTokensAndApprovals_IsSentOrListed()
    {
        var declared = typeof(AuditAction).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)
            .Concat(typeof(TokenAction).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<TokenAction>().Select(action => action.AuditCode))
            .Where(action => Regex.IsMatch(action, @"^(token|ip_rule|approval)\."));
        Assert.Empty(declared.Where(action => WebhookEvent.Of(action) is null).Except(WebhookEvent.NotSent));
        Assert.All(WebhookEvent.All, type => Assert.True(type.Name.Length <= WebhookDelivery.TypeLength));
        Assert.True(string.Join(',', WebhookEvent.All.Select(type => type.Name)).Length <= WebhookEndpoint.EventsLength);
    }
}
