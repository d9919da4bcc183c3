using System.Text.Json;
using Portal.Audit.Screen;
using Portal.Audit.Streaming;
using Portal.Data;

namespace Portal.Tests.Audit.Streaming;

/// <summary>The events comply with OCSF 1.8: https://schema.ocsf.io.</summary>
public sealed class OcsfEventTests
{
    private static readonly string[] Required = ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid"];

    [Fact]
    public void Write_AnyAction_HasWhatItsClassRequires() => Assert.All(AuditTexts.Actions.Append("something.new"), action =>
    {
        var it = Write(action);
        Assert.All(Required.Concat(it.GetProperty("class_uid").GetInt32() switch
        {
            3001 => ["user"],
            3002 => ["user", "service"],
            3004 => ["entity"],
            6003 => ["actor", "api", "src_endpoint"],
            _ => ["an unknown class"],
        }), name => Assert.True(it.TryGetProperty(name, out _), name));
        Assert.Equal(it.GetProperty("class_uid").GetInt32() / 1000, it.GetProperty("category_uid").GetInt32());
        Assert.Equal((it.GetProperty("class_uid").GetInt32() * 100) + it.GetProperty("activity_id").GetInt32(), it.GetProperty("type_uid").GetInt32());
        Assert.Equal("1.8.0", it.GetProperty("metadata").GetProperty("version").GetString());
        Assert.Equal("Portal", it.GetProperty("metadata").GetProperty("product").GetProperty("name").GetString());
        Assert.NotEmpty(it.GetProperty("activity_name").GetString()!);
    });

    [Theory]
    [InlineData("token.disabled", 3004, 9, 1, 1)]
    [InlineData("token.key_copied", 3004, 2, 1, 1)]
    [InlineData("webhook.secret_rotated", 3004, 3, 1, 1)]
    [InlineData("notice.retired_key_used", 3004, 99, 2, 1)]
    [InlineData("user.signed_in", 3002, 1, 1, 1)]
    [InlineData("user.sign_in_failed", 3002, 1, 2, 2)]
    [InlineData("user.locked_out", 3001, 9, 3, 1)]
    [InlineData("user.role_changed", 3001, 99, 1, 1)]
    [InlineData("access.denied", 6003, 99, 3, 2)]
    [InlineData("audit.exported", 6003, 2, 1, 1)]
    public void Write_Action_HasItsClassActivitySeverityAndStatus(string action, int classUid, int activity, int severity, int status)
    {
        var it = Write(action);
        Assert.Equal(
            (classUid, activity, severity, status),
            (it.GetProperty("class_uid").GetInt32(), it.GetProperty("activity_id").GetInt32(), it.GetProperty("severity_id").GetInt32(), it.GetProperty("status_id").GetInt32()));
    }

    [Fact]
    public void Write_Change_HasTheEntityBeforeAndAfter()
    {
        var it = Write("token.updated", """{"name":{"before":"Old","after":"New"},"note":"x"}""");
        Assert.Equal("""{"name":"Old"}""", it.GetProperty("entity").GetProperty("data").GetRawText());
        Assert.Equal("""{"name":"New"}""", it.GetProperty("entity_result").GetProperty("data").GetRawText());
        Assert.Equal("x", it.GetProperty("unmapped").GetProperty("details").GetProperty("note").GetString());
        Assert.Equal("SU-000-000-001", it.GetProperty("entity").GetProperty("uid").GetString());
        Assert.Equal("192.0.2.7", it.GetProperty("src_endpoint").GetProperty("ip").GetString());
        Assert.Equal("ada", it.GetProperty("actor").GetProperty("user").GetProperty("uid").GetString());
        Assert.Equal(1_893_456_000_123, it.GetProperty("time").GetInt64());
    }

    /// <summary>Someone has changed the entry. It is sent as it is.</summary>
    [Fact]
    public void Write_DetailsThatAreNotJson_AreText() => Assert.Equal("{oops", Write("token.updated", "{oops").GetProperty("unmapped").GetProperty("details").GetString());

    private static JsonElement Write(string action, string? details = null) => JsonDocument.Parse(OcsfEvent.Write(
        new AuditEntry
        {
            Id = 7, AccountId = "PA-000-001", At = new DateTime(2030, 1, 1, 0, 0, 0, 123, DateTimeKind.Utc), ActorId = "ada", ActorName = "Ada", ActorKind = "user", Action = action,
            TargetId = "SU-000-000-001", TargetName = "Billing", Address = "192.0.2.7", Details = details,
        },
        null).Body).RootElement;
}
