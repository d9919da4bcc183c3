namespace Portal.Webhooks;

/// <summary>What an endpoint has chosen of events or extensions, as the database stores it: names separated by commas; empty: all.</summary>
internal static class WebhookChoice
{
    public static IReadOnlyList<string> ListOf(string stored) => stored.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public static string Write(IEnumerable<string> chosen) => string.Join(',', chosen);

    public static bool Allows(string stored, string name) => stored.Length == 0 || ListOf(stored).Contains(name);
}
