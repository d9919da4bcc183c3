using Portal.Data;
using Portal.Tokens.Reading;

namespace Portal.Tests.Data;

public sealed class SecretTextTests
{
    internal const string Handle = "SU-160-984-311";
    internal const string Secret = "f45bee7e79b10ff6eff67902ccb4f3d46724ceb8";
    internal const string Key = $"ApiKey {Handle}:{Secret}";
    private const string Jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";

    /// <summary>An API key in every form in which people paste it.</summary>
    public static TheoryData<string> Spellings =>
    [
        Key, $"Authorization: {Key}", $"apikey   {Handle}:{Secret}", $"{Handle}:{Secret}", $"\"{Handle}:{Secret}\"", $"'{Key}'",
        $"{Handle}:{Secret.ToUpperInvariant()}", $"su-160-984-311:{Secret}", $"SU160984311:{Secret}", $"SU 160 984 311 : {Secret}",
        $"curl -H \"Authorization: {Key}\" https://portal.example/public/v1/agreements", $"curl -H 'Authorization: {Key}' \\\n  https://portal.example",
        $"{{\"token\":\"{Key}\",\"id\":\"{Handle}\"}}", $"{{\\\"Authorization\\\":\\\"{Key}\\\"}}", $"Authorization\\u003a ApiKey {Handle}\\u003a{Secret}",
        Uri.EscapeDataString(Key), Uri.EscapeDataString(Uri.EscapeDataString(Key)), $"?q=ApiKey+{Handle}%3A{Secret}", $"?q=ApiKey+{Handle}%3a{Secret}&status=active",
        $"ApiKey&nbsp;{Handle}&#58;{Secret}", $"{Handle}:\n{Secret}", $"ApiKey\r\n{Handle}:{Secret}\r\n", $"{Handle}:{Secret[..20]}\n    {Secret[20..]}",
        $"SU‑160‑984‑311:{Secret}", $"SU–160–984–311:{Secret}", $"{Handle}：{Secret}", $"{Handle}:\u200B{Secret}", $"{Handle}:{Secret[..7]}\u00AD{Secret[7..]}",
        $"{Handle}={Secret}", $"2026-11-26 10:00:01 WARN 401 for {Handle}:{Secret} from 192.0.2.7", $"api_key={Key};", $"<code>{Key}</code>",
    ];

    public static TheoryData<string> OtherSecrets =>
    [
        Secret, Secret.ToUpperInvariant(), $"sha={Secret}", Secret[1..], Jwt, $"Bearer {Jwt}", "Bearer 9f8a7b6c5d4e3f2a1b0c", "Authorization: Basic dXNlcjpwYXNzd29yZDE=",
        "ghp_0123456789abcdefABCDEF0123456789abcd", "sk_live_0123456789abcdef", "AKIAIOSFODNN7EXAMPLE", "-----BEGIN RSA PRIVATE KEY-----", Uri.EscapeDataString($"Bearer {Jwt}"),
        $"{Handle}:{Secret[..6]}",
    ];

    [Theory]
    [InlineData("Nightly report")]
    [InlineData(Handle)]
    [InlineData("SU160984311")]
    [InlineData($"{Handle}: the accountant's token")]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("0f8fad5bd9cb469fa16570867728950e")]
    [InlineData("basic authentication")]
    [InlineData("50% & more, C:\\temp\\new")]
    [InlineData("ceb8")]
    [InlineData("a bearer of good news")]
    [InlineData("")]
    [InlineData(null)]
    public void Holds_WhatPeopleWrite_IsNoSecret(string? text)
    {
        Assert.False(SecretText.Holds(text));
        Assert.Equal(text ?? "", SecretText.Hide(text ?? ""));
        Assert.Null(PastedKeys.Find(text));
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Find_KeyInAnySpelling_IsThatKeyAndIsHidden(string text)
    {
        Assert.True(SecretText.Holds(text));
        Assert.True(SecretText.HoldsKey(text));
        Assert.Equal(Key, Assert.Single(PastedKeys.Find(text)!.Keys).ToHeaderValue());
        AssertHidden(SecretText.Hide(text));
        AssertHidden(SecretText.HideKeys(text));
        AssertHidden(SecretText.HideInPath(text));
    }

    [Theory]
    [MemberData(nameof(OtherSecrets))]
    public void Holds_SecretWithoutAWholeKey_IsHiddenAndNotTraced(string text)
    {
        Assert.True(SecretText.Holds(text));
        Assert.Contains(SecretText.Hidden, SecretText.Hide(text), StringComparison.Ordinal);
        Assert.False(SecretText.Holds(SecretText.Hide(text)));
        Assert.Empty(PastedKeys.Find(text)!.Keys);
    }

    [Fact]
    public void Find_SeveralKeys_AreAllFoundOnce()
    {
        var other = $"SU-000-000-001:{new string('a', 40)}";
        var pasted = PastedKeys.Find($"{Key}\n{other}\n{Key}\nSU-000-000-002:abcdef")!;
        Assert.Equal([Handle, "SU-000-000-001"], pasted.Keys.Select(key => key.Handle));
        Assert.Equal(["SU-000-000-002"], pasted.CutHandles);
    }

    [Fact]
    public void Find_ManyKeys_StopsLooking() =>
        Assert.Equal(PastedKeys.Most, PastedKeys.Find(string.Join('\n', Enumerable.Range(100, 100).Select(i => $"SU-000-000-{i}:{Secret}")))!.Keys.Count);

    [Theory]
    [InlineData("/reset/" + Jwt + "/done", "/reset/(hidden)/done")]
    [InlineData("/reset/Zm9vYmFyQmF6UXV4MTIzNDU2Nzg5MA", "/reset/(hidden)")]
    [InlineData("/a/key=hunter2/b", "/a/key=(hidden)/b")]
    [InlineData("/a;jsessionid=9A8B7C;v=1", "/a;jsessionid=(hidden);v=1")]
    [InlineData("/a/ACCESS_TOKEN=x", "/a/ACCESS_TOKEN=(hidden)")]
    [InlineData("/a/%65yJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x", "/a/(hidden)")]
    [InlineData("/agreements/AGR-1", "/agreements/AGR-1")]
    [InlineData("/GetCustomerOrdersByYear2024Quarter", "/GetCustomerOrdersByYear2024Quarter")]
    [InlineData("/0f8fad5b-d9cb-469f-a165-70867728950e", "/0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("/monkey=1/turnkey=2", "/monkey=1/turnkey=2")]
    public void HideInPath_Paths_LoseWhatLooksLikeASecret(string path, string expected) => Assert.Equal(expected, SecretText.HideInPath(path));

    private static void AssertHidden(string text)
    {
        Assert.DoesNotContain(Secret[..8], text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Secret[^8..], text, StringComparison.OrdinalIgnoreCase);
    }
}
