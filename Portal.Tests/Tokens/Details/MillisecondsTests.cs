using Portal.Tokens.Details;

namespace Portal.Tests.Tokens.Details;

public sealed class MillisecondsTests
{
    [Theory]
    [InlineData(0.004, "0.1 ms", "0.0 ms")]
    [InlineData(0.4, "0.4 ms", "0.4 ms")]
    [InlineData(0.41, "0.5 ms", "0.4 ms")]
    [InlineData(9.91, "10 ms", "9.9 ms")]
    [InlineData(12, "12 ms", "12 ms")]
    [InlineData(12.01, "13 ms", "12 ms")]
    [InlineData(999.2, "1.0 s", "999 ms")]
    [InlineData(1_201, "1.3 s", "1.2 s")]
    [InlineData(9_901, "10 s", "9.9 s")]
    [InlineData(94_100, "95 s", "94 s")]
    public void AtMost_NeverRoundsDown(double milliseconds, string limit, string duration)
    {
        var time = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal((limit, duration), (Milliseconds.AtMost(time), Milliseconds.Words(time)));
    }
}
