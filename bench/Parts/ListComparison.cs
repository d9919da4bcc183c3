namespace Portal.Bench.Parts;

/// <summary>The times of a list in two Portals, as a row of a table.</summary>
/// <param name="Total">The number of tokens in the second one's list.</param>
/// <param name="First">The median in the first one, in milliseconds.</param>
/// <param name="Second">The median in the second one, in milliseconds.</param>
/// <param name="FirstCall">The time of the first call in the second one, in milliseconds.</param>
internal sealed record ListComparison(ListQuestion Question, int Total, double First, double Second, double FirstCall)
{
    public double Ratio => Second / First;

    /// <summary>Asks all questions in turn in both Portals, so that each of them is compared when both are equally warm.</summary>
    public static async Task<List<ListComparison>> MeasureAsync(IEnumerable<ListQuestion> questions, ListCalls first, ListCalls second, Choice choice)
    {
        var series = new List<Series>();
        foreach (var question in questions)
        {
            Bench.Say(question.Words);
            var (_, firstTotal) = await first.AskAsync(question);
            var (firstCall, total) = await second.AskAsync(question);
            series.Add(new Series(question, firstTotal, total, firstCall));
        }

        for (var round = -choice.ListWarmUps; round < choice.ListRounds; round++)
            foreach (var one in series)
            {
                var (firstTime, secondTime) = (await first.AskAsync(one.Question, one.FirstTotal), await second.AskAsync(one.Question, one.Total));
                if (round < 0)
                    continue;
                one.FirstTimes.Add(firstTime.Milliseconds);
                one.SecondTimes.Add(secondTime.Milliseconds);
            }

        return series.ConvertAll(one => new ListComparison(one.Question, one.Total, Median(one.FirstTimes), Median(one.SecondTimes), one.FirstCall));
    }

    public override string ToString()
    {
        var words = Question.IsBound ? Question.Words : $"*{Question.Words}*";
        return $"| {words} | {Total:N0} | {First:0.0} | {Second:0.0} | {Ratio:0.0} | {FirstCall:N0} |";
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private sealed record Series(ListQuestion Question, int FirstTotal, int Total, double FirstCall)
    {
        public List<double> FirstTimes { get; } = [];
        public List<double> SecondTimes { get; } = [];
    }
}
