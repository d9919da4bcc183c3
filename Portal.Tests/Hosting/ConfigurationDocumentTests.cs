using System.Buffers.Binary;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Passkeys;
using Portal.Accounts.SingleSignOn;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Authentication.Cors;
using Portal.Authentication.SharedLimits;
using Portal.Catalog;
using Portal.Components.Circuits;
using Portal.Data;
using Portal.Data.KeyRing;
using Portal.Data.Nodes;
using Portal.Gateway;
using Portal.Gateway.ForwardAuth;
using Portal.Hosting;
using Portal.Hosting.Https;
using Portal.Mail;
using Portal.Notices;
using Portal.Scim;
using Portal.Statistics;
using Portal.Statistics.Export;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Webhooks;

namespace Portal.Tests.Hosting;

/// <summary><c>docs/configuration.md</c> describes the settings that exist, and each of them has an effect.</summary>
public sealed partial class ConfigurationDocumentTests
{
    private static readonly Dictionary<Type, string> Sections = new()
    {
        [typeof(TokenOptions)] = TokenOptions.SectionName,
        [typeof(LimitStoreOptions)] = LimitStoreOptions.Section,
        [typeof(StatisticsOptions)] = StatisticsOptions.SectionName,
        [typeof(SignInOptions)] = SignInOptions.Section,
        [typeof(UserSessionOptions)] = UserSessionOptions.Section,
        [typeof(AuditOptions)] = AuditOptions.Section,
        [typeof(MailOptions)] = MailOptions.Section,
        [typeof(NoticeOptions)] = NoticeOptions.Section,
        [typeof(SecondFactorOptions)] = SecondFactorOptions.Section,
        [typeof(PasskeyOptions)] = PasskeyOptions.Section,
        [typeof(ConnectionLimits)] = ConnectionLimits.Section,
        [typeof(CircuitLimits)] = CircuitLimits.Section,
        [typeof(KeyRingOptions)] = KeyRingOptions.Section,
        [typeof(HttpsOptions)] = HttpsOptions.Section,
        [typeof(CatalogOptions)] = CatalogOptions.SectionName,
        [typeof(ApiCorsOptions)] = ApiCorsOptions.SectionName,
        [typeof(ForwardAuthOptions)] = ForwardAuthOptions.SectionName,
        [typeof(ScimOptions)] = ScimOptions.Section,
        [typeof(TelemetryOptions)] = TelemetryOptions.SectionName,
        [typeof(WebhookOptions)] = WebhookOptions.Section,
        [typeof(NodeOptions)] = NodeOptions.SectionName,
    };

    /// <summary>Settings that are read without an options class.</summary>
    private static readonly string[] SingleSettings =
    [
        "--urls", "ASPNETCORE_URLS", DataDirectory.SettingName, PublicPath.SettingName, TrustedProxies.SettingName, AllowedHosts.SettingName, UnsafeSettings.AllowInsecureHttp, ClockKeeper.AcceptOption,
        DatabaseChoice.KindSetting, DatabaseChoice.ConnectionStringSetting, DatabaseChoice.FileSetting,
        DatabaseChoice.ReplicaSetting, DatabaseChoice.ReplicaFileSetting, ProcessRoleSetting.Name,
    ];

    /// <summary>Single settings, and options that can't be configured.</summary>
    private static readonly Type[] WithoutSection = [typeof(PublicPath), typeof(TrustedProxies), typeof(WriteQueueOptions), typeof(UpstreamTracing), typeof(ManagedUsers), typeof(RequestExportOptions)];

    [Fact]
    public void Options_EachClassThatAServiceTakes_IsKnownHere()
    {
        var taken = typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .SelectMany(constructor => constructor.GetParameters())
            .Where(parameter => parameter.ParameterType.IsGenericType && parameter.ParameterType.GetGenericTypeDefinition() is var generic
                && (generic == typeof(IOptions<>) || generic == typeof(IOptionsMonitor<>)))
            .Select(parameter => parameter.ParameterType.GenericTypeArguments[0])
            .Where(type => type.Assembly == typeof(Program).Assembly)
            .Distinct()
            .Except(WithoutSection);
        Assert.Empty(taken.Except(Sections.Keys));
    }

    [Fact]
    public void Document_DescribesEverySettingAndNoOther()
    {
        var expected = Sections.SelectMany(section => KeysOf(section.Key, section.Value)).Concat(SingleSettings);
        var rows = File.ReadLines(Path.Combine(Built.SourceRoot, "docs", "configuration.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var documented = rows.SelectMany(row => Code().Matches(row.Split('|')[1]).Select(match => match.Groups[1].Value));

        Assert.Equal(expected.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void GatewayDocument_DescribesEverySettingOfAnUpstream()
    {
        var text = File.ReadAllText(Path.Combine(Built.SourceRoot, "docs", "gateway.md"));
        Type[] types = [typeof(UpstreamOptions), typeof(UpstreamOptions.HealthCheckOptions), typeof(UpstreamOptions.ActiveOptions), typeof(UpstreamOptions.PassiveOptions)];
        foreach (var property in types.SelectMany(SettingsOf).Where(property => NestedType(property.PropertyType) is null))
            Assert.Matches($"`(\\w+:)*{property.Name}`", text);
    }

    [Fact]
    public void Settings_EachIsReadByCodeThatDoesMoreThanCheckIt()
    {
        var readers = typeof(Program).Assembly.GetTypes().Where(type => !type.FullName!.Contains("Options", StringComparison.Ordinal) && !type.FullName.Contains("Validator", StringComparison.Ordinal))
            .SelectMany(type => type.GetMembers(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).OfType<MethodBase>())
            .SelectMany(method => TokensIn(method.GetMethodBody()?.GetILAsByteArray() ?? []))
            .ToHashSet();
        var types = Sections.Keys.SelectMany(NestedIn).Append(typeof(UpstreamOptions)).Distinct();
        // These two are read within their own class.
        string[] computed = [nameof(TokenOptions.RateLimit), nameof(TokenOptions.FailedVerifications)];
        Assert.Empty(types.SelectMany(SettingsOf).Where(property => !readers.Contains(property.GetMethod!.MetadataToken) && !computed.Contains(property.Name))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }

    /// <summary>Portal's own settings file must not set anything that doesn't exist.</summary>
    [Fact]
    public void SettingsFile_NamesDocumentedSettingsAlone()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Built.SourceRoot, "appsettings.json")));
        var known = Sections.SelectMany(section => KeysOf(section.Key, section.Value)).Concat(SingleSettings).ToHashSet();
        Assert.DoesNotContain(LeavesOf(file.RootElement, ""), key => !key.StartsWith("Logging:", StringComparison.Ordinal) && !known.Contains(key));
    }

    private static IEnumerable<string> LeavesOf(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => LeavesOf(property.Value, path.Length == 0 ? property.Name : $"{path}:{property.Name}")),
        JsonValueKind.Array when element.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object) => element.EnumerateArray().SelectMany(item => LeavesOf(item, $"{path}:n")),
        _ => [path],
    };

    private static IEnumerable<string> KeysOf(Type type, string section) => SettingsOf(type).SelectMany(property => (NestedType(property.PropertyType), property.PropertyType.IsGenericType) switch
    {
        (null, _) => [$"{section}:{property.Name}"],
        (var nested, _) when nested == typeof(UpstreamOptions) => [$"{section}:{property.Name}"],
        (var nested, _) when nested == typeof(ProviderOptions) => KeysOf(nested, $"{section}:{property.Name}:name"),
        (var nested, true) => KeysOf(nested, $"{section}:{property.Name}:n").Prepend($"{section}:{property.Name}"),
        (var nested, false) => KeysOf(nested, $"{section}:{property.Name}"),
    });

    private static IEnumerable<Type> NestedIn(Type type) =>
        SettingsOf(type).Select(property => NestedType(property.PropertyType)).OfType<Type>().SelectMany(NestedIn).Prepend(type);

    private static IEnumerable<PropertyInfo> SettingsOf(Type type) => type.GetProperties().Where(property => property.SetMethod is not null);

    private static Type? NestedType(Type type)
    {
        var item = type.IsGenericType ? type.GenericTypeArguments[^1] : type;
        return item.IsClass && item.Assembly == typeof(Program).Assembly ? item : null;
    }

    /// <summary>Reads each position in the code as if it were the token of a called method.</summary>
    private static IEnumerable<int> TokensIn(byte[] code)
    {
        for (var place = 0; place + 5 <= code.Length; place++)
            if (code[place] is 0x28 or 0x6F) // call, callvirt
                yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(place + 1));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
