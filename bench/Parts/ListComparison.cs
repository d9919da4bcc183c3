namespace Portal.Bench.Parts;

/// <summary>The times of a list in two Portals, as a row of a table.</summary>
/// <param name="Total">The number of tokens in the second one's list.</param>
/// <param name="First">The median in the first one, in milliseconds.</param>
/// <param name="Second">The median in the second one, in milliseconds.</param>
/// <param name="FirstCall">The time of the first call in the second one, in milliseconds.</param>
internal sealed record ListComparison(ListQuestion Question, int Total, double First, double Second, double FirstCall)
{
    public double Ratio => Second / First;

    public static async Task<ListComparison> MeasureAsync(ListQuestion question, ListCalls first, ListCalls second, int rounds)
    {
        Bench.Say(question.Words);
        // The first requests warm up: statements are prepared and rows are read from the disk.
        var (_, firstTotal) = await first.AskAsync(question);
        var (firstCall, total) = await second.AskAsync(question);
        var (firstTimes, secondTimes) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            firstTimes.Add((await first.AskAsync(question, firstTotal)).Milliseconds);
            secondTimes.Add((await second.AskAsync(question, total)).Milliseconds);
        }

        return new ListComparison(question, total, Median(firstTimes), Median(secondTimes), firstCall);
    }

    public override string ToString()
    {
        var words = Question.IsBound ? Question.Words : $"*{Question.Words}*";
        return $"| {words} | {Total:N0} | {First:0.0} | {Second:0.0} | {Ratio:0.0} | {FirstCall:N0} |";
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
