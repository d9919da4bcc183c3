using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Dialogs;

public sealed class ExpirationChoiceTests
{
    private static readonly DateTime Now = new(2028, 2, 29, 23, 30, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("30 days", "2028-03-30T23:30:00Z")]
    [InlineData("90 days", "2028-05-29T23:30:00Z")]
    [InlineData("6 months", "2028-08-29T23:30:00Z")]
    [InlineData("1 year", "2029-02-28T23:30:00Z")]
    public void EndFrom_Preset_IsTheMomentSoMuchLater(string preset, string end)
    {
        var choice = new ExpirationChoice { Kind = preset };

        Assert.Equal(Utc(end), choice.EndFrom(Now));
        Assert.Null(choice.Check(Now));
    }

    [Fact]
    public void EndFrom_Perpetual_IsNeverAndRight()
    {
        var choice = new ExpirationChoice { Kind = ExpirationChoice.Perpetual };

        Assert.Null(choice.EndFrom(Now));
        Assert.Null(choice.Check(Now));
    }

    [Theory]
    [InlineData("2028-02-29T23:29:59Z", "The expiration must be in the future.")]
    [InlineData("2028-02-29T23:30:00Z", "The expiration must be in the future.")]
    [InlineData("2028-02-29T23:30:01Z", null)]
    [InlineData("2028-03-01T00:00:00+02:00", "The expiration must be in the future.")]
    [InlineData("2128-02-29T23:29:59Z", null)]
    [InlineData("2128-02-29T23:30:00Z", "The expiration must be within the next 100 years. For a token that never expires, choose Perpetual.")]
    [InlineData("9999-12-31T23:59:59Z", "The expiration must be within the next 100 years. For a token that never expires, choose Perpetual.")]
    public void Check_CustomMoment_MustBeInTheFutureAndWithinAHundredYears(string moment, string? fault) =>
        Assert.Equal(fault, Custom("something", moment).Check(Now));

    [Theory]
    [InlineData("+010000-01-01T00:00:00.000Z")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59-14:00")]
    [InlineData("tomorrow")]
    [InlineData(null)]
    public void Check_CustomThatIsNoMoment_AsksForAnotherOne(string? moment)
    {
        var choice = Custom("10000-01-01T00:00", moment);

        Assert.Equal("This is not a date and time within the next 100 years. Enter another one.", choice.Check(Now));
        Assert.Null(choice.EndFrom(Now));
    }

    [Fact]
    public void Check_CustomWithoutAnything_AsksForAMoment() => Assert.Equal("Enter a date and a time.", Custom("", null).Check(Now));

    [Fact]
    public void SetCustom_OtherZone_IsKeptAsUtc()
    {
        var moment = Custom("2030-01-01T02:00", "2030-01-01T02:00:00+02:00").CustomMoment!.Value;

        Assert.Equal((Utc("2030-01-01T00:00:00Z"), DateTimeKind.Utc), (moment, moment.Kind));
    }

    [Fact]
    public void Check_KeepWhileThePresentEndIsAhead_IsThatEnd()
    {
        var choice = new ExpirationChoice { Kind = ExpirationChoice.Keep, Present = Now.AddDays(3) };

        Assert.Equal((Now.AddDays(3), null), (choice.EndFrom(Now), choice.Check(Now)));
        Assert.NotNull(choice.Check(Now.AddDays(3)));
    }

    [Fact]
    public void Check_KeepOfAPerpetualKey_IsNever()
    {
        var choice = new ExpirationChoice { Kind = ExpirationChoice.Keep, Present = null };

        Assert.Equal((null, null), (choice.EndFrom(Now), choice.Check(Now)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("never")]
    [InlineData("0 days")]
    [InlineData("999 years")]
    public void Check_UnknownKind_IsNotTakenForPerpetual(string kind) =>
        Assert.Equal("Choose when the key expires.", new ExpirationChoice { Kind = kind }.Check(Now));

    [Theory]
    [InlineData("90 days", "30 days", "90 days", "1 year")]
    [InlineData("30 days", "30 days", "1 year")]
    [InlineData("custom")]
    public void DefaultKind_Presets_IsNinetyDaysElseTheFirstElseCustom(string expected, params string[] presets) =>
        Assert.Equal(expected, ExpirationChoice.DefaultKind(presets));

    private static ExpirationChoice Custom(string text, string? moment)
    {
        var choice = new ExpirationChoice { Kind = ExpirationChoice.Custom };
        choice.SetCustom(text, moment);
        return choice;
    }

    private static DateTime Utc(string text) => DateTime.Parse(text, null, System.Globalization.DateTimeStyles.AdjustToUniversal);
}
