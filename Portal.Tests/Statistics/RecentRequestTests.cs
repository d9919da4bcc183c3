using System.Net;
using Portal.Statistics;

namespace Portal.Tests.Statistics;

public sealed class RecentRequestTests
{
    private static readonly DateTime Start = new(2026, 11, 24, 10, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(1234)]
    public void Ring_AnyNumber_KeepsTheLastHundredNewestFirst(int count)
    {
        var ring = Ring(0, count);
        Assert.Equal(Enumerable.Range(0, count).Reverse().Take(100).Select(i => $"/{i}"), ring.Read().Select(request => request.Path));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(100, 1)]
    [InlineData(100, 100)]
    [InlineData(1, 250)]
    public void Ring_WithAnotherAdded_KeepsTheLatestOfBoth(int first, int second)
    {
        var ring = Ring(0, first);
        ring.Add(Ring(first, second));
        Assert.Equal(Enumerable.Range(0, first + second).Reverse().Take(100).Select(i => $"/{i}"), ring.Read().Select(request => request.Path));
    }

    [Fact]
    public void Format_WrittenAndRead_IsTheSame()
    {
        RecentRequest[] requests =
        [
            new(Start, "GET", "/öffnen/\"x\"", 200, TimeSpan.FromTicks(123), "2001:db8::1"), new(Start.AddTicks(-1), "PROPFIND", "", 503, null, null),
        ];
        Assert.Equal(requests, RecentRequestFormat.Read(RecentRequestFormat.Write(requests)));
    }

    [Fact]
    public void Format_BytesOfAnotherVersion_AreNothing()
    {
        Assert.Empty(RecentRequestFormat.Read(null));
        Assert.Empty(RecentRequestFormat.Read([]));
        Assert.Empty(RecentRequestFormat.Read([9, 1, 2, 3]));
    }

    [Theory]
    [InlineData("/agreements/AGR-1", "/agreements/AGR-1")]
    [InlineData("/a\r\nSet-Cookie: x", "/a··Set-Cookie: x")]
    [InlineData("/a\u202Eb\0", "/a·b·")]
    [InlineData("/tokens/f45bee7e79b10ff6eff67902ccb4f3d46724ceb8/x", "/tokens/(hidden)/x")]
    [InlineData("/SU-160-984-311:F45BEE7E79B10FF6EFF67902CCB4F3D46724CEB8", "/SU-160-984-311:(hidden)")]
    [InlineData(null, "")]
    public void Clean_WhatClientsWrite_IsFitToBeKept(string? text, string expected) => Assert.Equal(expected, RecentRequest.Clean(text, 200));

    /// <summary>The web server reads the bytes of headers as Latin-1.</summary>
    [Theory]
    [InlineData("curl/8.5", "curl/8.5")]
    [InlineData("Gr\u00c3\u00b6\u00c3\u009fe/1.0", "Größe/1.0")]
    [InlineData("caf\u00e9", "café")]
    [InlineData("\u00c3\u00a9 caf\u00e9", "Ã© café")]
    [InlineData("\u00f0\u009f\u009a\u0080", "🚀")]
    [InlineData("\u0085", "·")]
    [InlineData(null, "")]
    public void CleanHeader_BytesBeyondAscii_AreReadAsUtf8OrElseAsLatin1(string? value, string expected) =>
        Assert.Equal(expected, RecentRequest.CleanHeader(value, 200));

    [Fact]
    public void Clean_LongText_IsCutAndNeverWithinACharacter()
    {
        Assert.Equal(new string('x', 200) + "…", RecentRequest.Clean(new string('x', 5000), 200));
        Assert.Equal("xxx…", RecentRequest.Clean("xxx😀😀😀", 4));
    }

    [Fact]
    public void Clean_SecretAtTheCut_IsHiddenAsWell() =>
        Assert.DoesNotContain("f45b", RecentRequest.Clean(new string('/', 170) + "f45bee7e79b10ff6eff67902ccb4f3d46724ceb8", 200), StringComparison.Ordinal);

    private static RecentRequestBuffer Ring(int first, int count)
    {
        var ring = new RecentRequestBuffer();
        for (var i = first; i < first + count; i++)
            ring.Add(new RecentRequestBuffer.Entry(Start.AddSeconds(i), "GET", $"/{i}", 200, TimeSpan.FromMilliseconds(i), IPAddress.Loopback));
        return ring;
    }
}
