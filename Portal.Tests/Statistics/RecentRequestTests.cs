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
            new(Start, "GET", "/öffnen/\"x\"", 200, TimeSpan.FromTicks(123), "2001:db8::1") { ModuleId = "MD-0002", Client = "Größe/1.0", SecretId = 12_345_678_901 },
            new(Start.AddTicks(-1), "PROPFIND", "", 503, null, null) { Reason = "GTW_001", RequestId = "0HNR4T2J8K1QF:00000003" },
            new(Start.AddTicks(-2), "GET", "/öffnen/\"x\"", 200, TimeSpan.Zero, "2001:db8::1") { ModuleId = "MD-0002", Client = "Größe/1.0" },
        ];
        Assert.Equal(requests, RecentRequestFormat.Read(RecentRequestFormat.Write(requests)));
    }

    [Fact]
    public void Format_FirstVersion_IsStillRead()
    {
        // Version 1, one request: ticks, "GET", "/a", 200, 123 ticks, "::1".
        byte[] stored = [1, 1, .. BitConverter.GetBytes(Start.Ticks), 3, .. "GET"u8, 2, .. "/a"u8, 200, 0, 123, 0, 0, 0, 0, 0, 0, 0, 3, .. "::1"u8];

        Assert.Equal([new RecentRequest(Start, "GET", "/a", 200, TimeSpan.FromTicks(123), "::1")], RecentRequestFormat.Read(stored, out var damaged));
        Assert.False(damaged);
    }

    [Fact]
    public void Format_RequestsAlike_TakeAFewBytesEach()
    {
        RecentRequest[] requests =
        [
            .. Enumerable.Range(0, 100).Select(i => new RecentRequest(Start.AddSeconds(-i), "GET", "/public/v1/agreements", 200, TimeSpan.FromMilliseconds(3), "192.0.2.1")
            {
                ModuleId = "MD-0002", Client = new string('x', 200), SecretId = 1_000_000,
            }),
        ];
        Assert.InRange(RecentRequestFormat.Write(requests).Length, 1, 100 * 25 + 300);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Format_DamagedBytes_AreReportedAndNothing(byte version)
    {
        byte[] whole = version == 2
            ? RecentRequestFormat.Write([new(Start, "GET", "/a", 200, null, "::1") { Client = "curl" }])
            : [1, 1, .. BitConverter.GetBytes(Start.Ticks), 3, .. "GET"u8, 2, .. "/a"u8, 200, 0, 123, 0, 0, 0, 0, 0, 0, 0, 3, .. "::1"u8];
        for (var length = 3; length < whole.Length; length++)
        {
            Assert.Empty(RecentRequestFormat.Read(whole[..length], out var damaged));
            Assert.True(damaged);
        }

        Assert.Empty(RecentRequestFormat.Read([2, 1, 0, .. new byte[30]], out var outside));
        Assert.True(outside);
    }

    [Fact]
    public void Ring_ClientAndItsSecret_AreCleaned()
    {
        var ring = new RecentRequestBuffer();
        ring.Add(new RecentRequestBuffer.Entry(Start, "GET", "/", 200, null, null) { Client = "bot f45bee7e79b10ff6eff67902ccb4f3d46724ceb8\n", SecretId = 3, ModuleId = "MD-0002" });
        ring.Add(new RecentRequestBuffer.Entry(Start, "GET", "/", 200, null, null) { Client = "" });

        Assert.Equal(["bot (hidden)·", null], ring.Read().Select(request => request.Client));
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
