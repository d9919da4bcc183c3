using Portal.Components.Shared;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Shared;

public sealed class RelativeTimeTests
{
    [Theory]
    [InlineData("-00:05:00", "just now")]
    [InlineData("00:00:00", "just now")]
    [InlineData("00:00:59", "just now")]
    [InlineData("00:01:00", "1 minute ago")]
    [InlineData("00:59:59", "59 minutes ago")]
    [InlineData("01:00:00", "1 hour ago")]
    [InlineData("23:59:59", "23 hours ago")]
    [InlineData("1.00:00:00", "1 day ago")]
    [InlineData("29.23:00:00", "29 days ago")]
    [InlineData("30.00:00:00", "1 month ago")]
    [InlineData("364.00:00:00", "12 months ago")]
    [InlineData("365.00:00:00", "1 year ago")]
    [InlineData("800.00:00:00", "2 years ago")]
    public void Say_Past_IsInTheLargestUnitThatFits(string past, string said) =>
        Assert.Equal(said, RelativeTime.Say(TimeSpan.Parse(past, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("00:00:10", "gerade eben")]
    [InlineData("00:01:00", "vor 1 Minute")]
    [InlineData("00:04:00", "vor 4 Minuten")]
    [InlineData("2.00:00:00", "vor 2 Tagen")]
    public void Say_PastInGerman_IsInTheReadersLanguage(string past, string said)
    {
        using var reader = new ReaderCulture("de");

        Assert.Equal(said, RelativeTime.Say(TimeSpan.Parse(past, System.Globalization.CultureInfo.InvariantCulture)));
    }
}
