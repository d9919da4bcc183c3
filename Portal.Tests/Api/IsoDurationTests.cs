using Portal.Api;

namespace Portal.Tests.Api;

public sealed class IsoDurationTests
{
    [Theory]
    [InlineData("PT0S", "00:00:00")]
    [InlineData("PT24H", "1.00:00:00")]
    [InlineData("P7D", "7.00:00:00")]
    [InlineData("P2W", "14.00:00:00")]
    [InlineData("P1DT2H3M4S", "1.02:03:04")]
    [InlineData("PT90M", "01:30:00")]
    [InlineData("P999999DT9999999H999999999M999999999S", "2122684.03:25:39")]
    public void Parse_WholeUnits_AddsThemUp(string text, string expected) => Assert.Equal(expected, IsoDuration.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1")]
    [InlineData("P1DT")]
    [InlineData("P1Y")]
    [InlineData("P1M")]
    [InlineData("P1W1D")]
    [InlineData("-PT1H")]
    [InlineData("PT-1H")]
    [InlineData("+PT1H")]
    [InlineData("PT1.5H")]
    [InlineData("PT0,5S")]
    [InlineData("PT1M1H")]
    [InlineData("P1H")]
    [InlineData("pt1h")]
    [InlineData(" PT1H")]
    [InlineData("PT1H\n")]
    [InlineData("PT\u0661H")]
    [InlineData("PT10000000H")]
    [InlineData("24:00:00")]
    [InlineData("86400")]
    public void Parse_AnythingElse_IsNone(string text) => Assert.Null(IsoDuration.Parse(text));
}
