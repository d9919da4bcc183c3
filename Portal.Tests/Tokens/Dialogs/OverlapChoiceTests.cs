using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

public sealed class OverlapChoiceTests
{
    [Theory]
    [InlineData("at once", "00:00:00")]
    [InlineData("1 hour", "01:00:00")]
    [InlineData("24 hours", "1.00:00:00")]
    [InlineData("7 days", "7.00:00:00")]
    public void Duration_OfWhatIsOffered_IsThat(string kind, string duration)
    {
        var choice = new OverlapChoice { Kind = kind };
        Assert.Equal(duration, choice.Duration.ToString());
        Assert.Null(choice.Check());
    }

    [Theory]
    [InlineData(" 90 ", OverlapUnit.Minutes, "01:30:00", null)]
    [InlineData("720", OverlapUnit.Hours, "30.00:00:00", null)]
    [InlineData("31", OverlapUnit.Days, "31.00:00:00", "The overlap can be 30 days at most.")]
    [InlineData("2147483647", OverlapUnit.Days, "1000000.00:00:00", "The overlap can be 30 days at most.")]
    [InlineData("", OverlapUnit.Hours, "", "Enter a duration.")]
    [InlineData("0", OverlapUnit.Hours, "00:00:00", "Enter a whole number, 1 or more.")]
    [InlineData("-1", OverlapUnit.Hours, "", "Enter a whole number, 1 or more.")]
    [InlineData("1.5", OverlapUnit.Days, "", "Enter a whole number, 1 or more.")]
    [InlineData("99999999999", OverlapUnit.Days, "1000000.00:00:00", "The overlap can be 30 days at most.")]
    [InlineData("99999999999", OverlapUnit.Minutes, "694.10:40:00", "The overlap can be 30 days at most.")]
    public void Check_OfWhatWasTyped_SaysWhatIsWrong(string typed, OverlapUnit unit, string duration, string? fault)
    {
        var choice = new OverlapChoice { Kind = OverlapChoice.Custom, Count = typed, Unit = unit };
        Assert.Equal(duration, choice.Duration.ToString());
        Assert.Equal(fault, choice.Check());
    }
}
