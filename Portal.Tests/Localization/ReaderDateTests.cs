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
    [InlineData("fr-FR", "26 nov. 2026", "5 mars 2026")]
    [InlineData("es-ES", "26 de nov de 2026", "5 de mar de 2026")]
    [InlineData("ja-JP", "2026年11月26日", "2026年3月5日")]
    public void Write_Day_HasTheFormOfTheReadersCulture(string culture, string november, string march)
    {
        using var reader = new ReaderCulture(culture);

        Assert.Equal((november, march), (ReaderDate.Write(new DateOnly(2026, 11, 26)), ReaderDate.Write(new DateOnly(2026, 3, 5))));
    }

    [Theory]
    [InlineData("en-US", "Nov 26")]
    [InlineData("en-GB", "26 Nov")]
    [InlineData("de", "26. Nov.")]
    [InlineData("fr-FR", "26 nov.")]
    [InlineData("es-ES", "26 de nov")]
    [InlineData("ja-JP", "11月26日")]
    public void WriteWithoutYear_Day_HasTheFormOfTheReadersCulture(string culture, string expected)
    {
        using var reader = new ReaderCulture(culture);

        Assert.Equal(expected, ReaderDate.WriteWithoutYear(new DateOnly(2026, 11, 26)));
    }
}
