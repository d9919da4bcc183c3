using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Contract;

/// <summary>Compares the served document with the wire contract of existing clients, whose facts are in <c>contract.txt</c>. Portal may offer more;
/// where it differs, <see cref="Deviations"/> gives the reason.</summary>
public sealed class ContractTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private static readonly string File = Path.Combine(Built.SourceRoot, "Portal.Tests", "Api", "Contract", "contract.txt");

    /// <summary>The differences, as patterns, with their reasons.</summary>
    private static readonly (string Pattern, string Reason)[] Deviations =
    [
        ("GET /auth/context 200 header Set-Cookie: is missing", "A key is no session: Portal sets no cookie for programs."),
        (@"POST /auth/tokens 201 body\.(extension|owner)\.(id|name): is (readOnly|not writeOnly)",
            "The answer is the whole token, as GET tells it, and so holds what the contract only takes."),
        (@"POST /auth/tokens/\{pk\}/renew body\.expiration_date: is (not nullable|required)", "Only tokens with an expiration are renewed, and a renewed key ends too."),
        (@"GET /modules/integrations/settings 200 body\.acl\.ips\[\]\.ip_range\[\]: format is missing, not ipv4", "Portal has rules for IPv6 too."),
    ];

    [Fact]
    public async Task Document_HasAllOfTheContract_ButForWhatIsListed()
    {
        var served = Facts.Of(await ServedApi.ReadAsync(portal));
        var contract = Facts.OfFile(File);
        Assert.True(contract.Count > 400);
        List<string> differences = [.. contract.SelectMany(fact => Compare(fact.Key, fact.Value, served.GetValueOrDefault(fact.Key)))];

        List<string> unexplained = [.. differences.Where(difference => !Deviations.Any(deviation => IsOf(difference, deviation.Pattern)))];
        Assert.True(unexplained.Count == 0, string.Join('\n', unexplained));
        Assert.All(Deviations, deviation => Assert.Contains(differences, difference => IsOf(difference, deviation.Pattern)));
    }

    private static bool IsOf(string difference, string pattern) => Regex.IsMatch(difference, $"^(?:{pattern})$");

    /// <summary>A response may promise more than the contract, and a request may require less; the opposite isn't allowed.</summary>
    private static List<string> Compare(string name, Fact contract, Fact? served)
    {
        if (served is null)
            return [$"{name}: is missing"];
        var isAnswer = Regex.IsMatch(name, @" \d{3}\b");
        List<string> differences = [];
        if (contract.Type != served.Type)
            differences.Add($"{name}: is {served.Type}, not {contract.Type}");
        foreach (var mark in new[] { "operation", "tag", "format", "maxLength", "in", "name" })
            if (contract.ValueOf(mark) is { } value && served.ValueOf(mark) != value)
                differences.Add($"{name}: {mark} is {served.ValueOf(mark) ?? "missing"}, not {value}");
        if (!contract.ValuesOf("enum").SetEquals(served.ValuesOf("enum")))
            differences.Add($"{name}: enum is {served.ValueOf("enum") ?? "missing"}, not {contract.ValueOf("enum") ?? "told"}");
        foreach (var mark in new[] { "lookups", "ordering", "search" })
            if (contract.ValuesOf(mark).Except(served.ValuesOf(mark)).ToList() is { Count: > 0 } missing)
                differences.Add($"{name}: {mark} lacks {string.Join(',', missing)}");
        foreach (var mark in new[] { "readOnly", "writeOnly" })
            if (contract.Marks.Contains(mark) != served.Marks.Contains(mark))
                differences.Add($"{name}: {(served.Marks.Contains(mark) ? "is" : "is not")} {mark}");
        var (nullable, required) = (contract.Marks.Contains("nullable"), contract.Marks.Contains("required"));
        var (servedNullable, servedRequired) = (served.Marks.Contains("nullable"), served.Marks.Contains("required"));
        if (isAnswer ? servedNullable && !nullable : nullable && !servedNullable)
            differences.Add($"{name}: is {(servedNullable ? "" : "not ")}nullable");
        if (isAnswer ? required && !servedRequired : servedRequired && !required)
            differences.Add($"{name}: is {(servedRequired ? "" : "not ")}required");
        return differences;
    }
}
