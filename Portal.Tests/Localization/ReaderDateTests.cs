using Portal.Localization;
using Portal.Tests.Support;

namespace Portal.Tests.Localization;

public sealed class ReaderDateTests
{
    [Theory]
    [InlineData("", "26 Nov 2026", "05 Mar 2026")]
    [InlineData("en", "Nov 26, 2026", "Mar 5, 2026")]
    [InlineData("en-US", "Nov 26, 2026", "Mar 5, 2026")]
    [InlineData("en-GB", "26 Nov 2026", "5 Mar 2026")]
    [InlineData("de", "26. Nov. 2026", "5. März 2026")]
    [InlineData("de-DE", "26. Nov. 2026", "5. März 2026")]
    [InlineData("de-AT", "26. Nov. 2026", "5. März 2026")]
    public void Write_Day_HasTheFormOfTheReadersCulture(string culture, string november, string march)
    {
        using var reader = new ReaderCulture(culture);

        Assert.Equal((november, march), (ReaderDate.Write(new DateOnly(2026, 11, 26)), ReaderDate.Write(new DateOnly(2026, 3, 5))));
    }
}
