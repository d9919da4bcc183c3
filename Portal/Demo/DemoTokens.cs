using Portal.Statistics;
using Portal.Wire;

namespace Portal.Demo;

/// <summary>A token of the demonstration: its creation, its changes and its use.</summary>
/// <param name="Modules">The names of its modules, separated by spaces; empty for all.</param>
/// <param name="Maker">The index of the person who created it.</param>
/// <param name="Age">The number of days since its creation; 0 for some hours ago.</param>
/// <param name="Lifetime">The lifetime of its first key in days; null for a perpetual one.</param>
internal sealed record DemoToken(string Name, string Extension, string Modules, int Maker, int Age, int? Lifetime)
{
    public string? ExternalId { get; init; }
    public string? Description { get; init; }

    /// <summary>Whether it was never enabled, like a token that a program requests ahead of time.</summary>
    public bool Pending { get; init; }

    public DemoStep[] Steps { get; init; } = [];

    /// <summary>Null if it isn't used.</summary>
    public DemoTraffic? Traffic { get; init; }
}

internal enum DemoChange
{
    Describe,
    Rotate,
    Renew,
    Disable,
    Enable,
    Delete,
}

/// <summary>A change that a person made to a token.</summary>
/// <param name="Lifetime">The lifetime of the new key in days; null for a perpetual one.</param>
internal sealed record DemoStep(int DaysAgo, int By, DemoChange Change, int? Lifetime = null);

/// <summary>The use of a token by a program.</summary>
/// <param name="PerDay">Requests on a working day.</param>
/// <param name="Weekend">The fraction of them on Saturday and on Sunday.</param>
/// <param name="ServerErrors">The fraction that ends in a server error.</param>
internal sealed record DemoTraffic(int PerDay, double Weekend = 0.25, double ServerErrors = 0)
{
    public double Redirections { get; init; } = 0.02;
    public double ClientErrors { get; init; } = 0.03;

    /// <summary>The number of days since the last use.</summary>
    public int Until { get; init; }

    public DemoRefusal[] Refusals { get; init; } = [];
}

/// <param name="From">The number of days since this began.</param>
/// <param name="To">The number of days since it ended.</param>
internal sealed record DemoRefusal(string Reason, int StatusCode, int PerDay, int From = 29, int To = 0);

/// <summary>The tokens of the demonstration: every status, some of each extension, over the last year and a half.</summary>
internal static class DemoTokens
{
    /// <summary>The token whose key is printed.</summary>
    public const string Open = "Demo – all modules";

    private const string Custom = "custom", Zapier = "zapier", Reports = "reports", Flowgear = "flowgear";

    public static readonly DemoToken[] All =
    [
        new(Open, Custom, "", 0, 46, 365)
        {
            ExternalId = "DEMO", Description = "Its key is printed when the demonstration starts. Try it with curl.",
            Traffic = new(40) { ClientErrors = 0.08 },
        },
        new("Order sync – ERP production", Custom, "Subscriptions Contracts Agreements", 1, 548, 365)
        {
            ExternalId = "ERP-PRD-01", Description = "Carries orders and contracts into the ERP system every five minutes.",
            Steps = [new(402, 1, DemoChange.Rotate, 365), new(215, 2, DemoChange.Describe), new(96, 1, DemoChange.Rotate, 365)],
            Traffic = new(3400, 0.35, 0.002),
        },
        new("Order sync – ERP test", Custom, "Subscriptions Contracts Agreements", 1, 540, null)
        {
            ExternalId = "ERP-TST-01", Steps = [new(120, 2, DemoChange.Disable), new(74, 1, DemoChange.Enable)],
            Traffic = new(220, 0.02) { ClientErrors = 0.14 },
        },
        new("Web shop storefront", Custom, "Products Pricing Listings Offers", 2, 391, 365)
        {
            ExternalId = "SHOP-EU", Description = "Product pages, prices and the basket of the web shop.",
            Steps = [new(30, 2, DemoChange.Renew, 365)],
            Traffic = new(11800, 1.3, 0.004) { Redirections = 0.11, Refusals = [new(ErrorCodes.TooManyRequests, 429, 140, 12, 9)] },
        },
        new("Mobile app backend", Custom, "Customers Products Subscriptions", 2, 274, 365)
        {
            ExternalId = "APP-2", Description = "iOS and Android apps, through their own backend.",
            Traffic = new(7300, 1.1) { Redirections = 0.06, Refusals = [new(ErrorCodes.AddressNotAllowed, 403, 6, 20, 17)] },
        },
        new("Invoice export – accounting", Custom, "Billing Usage", 1, 203, 365)
        {
            ExternalId = "ACC-77", Description = "Hands invoices over to accounting at night.",
            Traffic = new(480, 0.9) { Refusals = [new(ErrorCodes.ModuleNotEnabled, 403, 22, 8, 2)] },
        },
        new("Zapier – new subscription to chat", Zapier, "", 2, 160, 365)
        {
            Description = "Posts a message for each new subscription.", Traffic = new(150, 0.3),
        },
        new("Zapier – customer to newsletter", Zapier, "", 0, 142, 180)
        {
            Steps = [new(11, 0, DemoChange.Disable)], Traffic = new(95, 0.2),
        },
        new("Monthly revenue report", Reports, "", 0, 331, null) { ExternalId = "FIN-REP-3", Traffic = new(60, 0.05) },
        new("Usage report for finance", Reports, "", 0, 118, 90)
        {
            Description = "Replaced by the data warehouse; left to expire.", Traffic = new(75, 0.1),
        },
        new("Quarterly audit export", Reports, "", 2, 288, null) { Traffic = new(30) { Until = 52 } },
        new("Flowgear – customer master data", Flowgear, "Customers Partners", 1, 81, 90)
        {
            ExternalId = "FG-CRM-12", Traffic = new(640, 0.4) { Redirections = 0 },
        },
        new("Flowgear – price list import", Flowgear, "Pricing Products Offers", 2, 172, 180)
        {
            ExternalId = "FG-PRC-04", Description = "Supplier price lists, twice a day.", Steps = [new(3, 2, DemoChange.Renew, 180)],
            Traffic = new(260, 0.1),
        },
        new("Flowgear – leads to CRM", Flowgear, "Leads", 0, 62, 90) { Traffic = new(110, 0.15) },
        new("Helpdesk bridge", Custom, "Helpdesk", 2, 445, null)
        {
            ExternalId = "HD-BRIDGE", Description = "Two-way copy of tickets and conversations.", Traffic = new(900, 0.5, 0.012),
        },
        new("Build pipeline", Custom, "DevOps", 1, 87, 90)
        {
            ExternalId = "CI", Description = "Publishes builds; renew before the release freeze.", Traffic = new(320, 0.05) { ClientErrors = 0.07 },
        },
        new("Translation service", Custom, "Localization", 2, 130, 180)
        {
            Traffic = new(70, 0.1) { Refusals = [new(ErrorCodes.ModuleNotEnabled, 403, 9), new(ErrorCodes.NotFound, 404, 4)] },
        },
        new("Data warehouse – nightly load", Custom, "", 1, 236, 365)
        {
            ExternalId = "DWH-LOAD", Description = "Reads everything that changed since the night before.", Traffic = new(5200, 1, 0.006),
        },
        new("Usage collector – Europe", Custom, "Usage", 2, 365, 365)
        {
            ExternalId = "UC-EU", Steps = [new(6, 0, DemoChange.Rotate, 365)],
            Traffic = new(2880, 1) { Refusals = [new(CountReason.RetiredKey, 401, 310, 6, 4), new(CountReason.RetiredKey, 401, 24, 3)] },
        },
        new("Usage collector – America", Custom, "Usage", 2, 347, 365)
        {
            ExternalId = "UC-US", Steps = [new(8, 2, DemoChange.Renew, 365)], Traffic = new(2880, 1),
        },
        new("Partner onboarding – Northwind", Custom, "Marketplaces Partners Agreements", 1, 2, 180)
        {
            ExternalId = "NW-ONB", Description = "Waits for the partner's go-ahead.", Pending = true,
        },
        new("Customer 360 – proof of concept", Custom, "Customers Contracts Helpdesk", 0, 0, 30) { Pending = true },
        new("Contract archive", Custom, "Contracts", 1, 501, null)
        {
            Description = "Switched off while the archive moves.", Steps = [new(19, 1, DemoChange.Disable)], Traffic = new(180, 0) { Redirections = 0.3 },
        },
        new("News widget", Custom, "News", 2, 72, 70) { Traffic = new(420, 1) },
        new("Load test – spring", Custom, "", 0, 210, 90) { Steps = [new(190, 0, DemoChange.Delete)] },
        new("Partner portal prototype", Custom, "Partners Listings", 0, 152, null)
        {
            Description = "Trial of the partner portal, finished.", Steps = [new(5, 0, DemoChange.Delete)], Traffic = new(85, 0.1),
        },
        new("Offer configurator", Custom, "Offers Pricing", 1, 12, 90) { ExternalId = "CPQ-9", Description = "Not connected yet." },
    ];
}
