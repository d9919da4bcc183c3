using System.Globalization;
using Portal.Catalog;

namespace Portal.Gateway.Sandbox;

/// <summary>An object of the sandbox.</summary>
internal sealed record Sample(string Id, Dictionary<string, object> Fields);

/// <summary>The structure of a path's samples.</summary>
/// <param name="Prefix">The prefix of their IDs, such as <c>AGR</c> in <c>AGR-100-200-001</c>.</param>
/// <param name="Name">The format of their names: {0} is the type, {1} a company.</param>
/// <param name="Types">The types, used in turn.</param>
/// <param name="Statuses">The statuses, used in turn.</param>
internal sealed record SampleShape(string Prefix, string Name, string[] Types, string[] Statuses)
{
    private static readonly DateTime FirstDay = new(2026, 1, 5, 9, 30, 0, DateTimeKind.Utc);

    private static readonly string[] Companies =
    [
        "Alder Works", "Blue Harbor", "Cedar Point", "Delta Ridge", "Elmfield", "Fairview",
        "Granite Bay", "Highmoor", "Ironwood", "Juniper Lane", "Kingsbrook", "Lakeside",
    ];

    private static readonly string[] Work = ["draft", "active", "closed"];

    private static readonly Dictionary<string, SampleShape> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["/agreements"] = new("AGR", "{0} agreement with {1}", ["Distribution", "Program", "Service"], ["enabled", "enabled", "archived"]),
        ["/forms"] = new("FRM", "{0} form of {1}", ["Onboarding", "Order", "Renewal"], Work),
        ["/billing"] = new("INV", "{0} of {1}", ["Invoice", "Credit note"], ["paid", "open", "overdue"]),
        ["/contracts"] = new("CRD", "{0} contract with {1}", ["Distribution", "Syndication"], ["enrolling", "active", "rejected"]),
        ["/tier"] = new("TA", "{1} ({0})", ["Customer", "Reseller"], ["active"]),
        ["/devops"] = new("ENV", "{0} environment of {1}", ["Production", "Staging", "Development"], ["running", "stopped"]),
        ["/helpdesk"] = new("CAS", "{0} case of {1}", ["Business", "Technical"], ["pending", "inquiring", "resolved", "closed"]),
        ["/conversations"] = new("CO", "{0} about {1}", ["Question", "Note"], ["pending", "accepted"]),
        ["/leads"] = new("LE", "{1}, {0} lead", ["warm", "cold"], ["requested", "active", "won"]),
        ["/listings"] = new("LST", "{1} on the {0} marketplace", ["European", "American"], ["listed", "unlisted"]),
        ["/listing-requests"] = new("LSTR", "{0} {1}", ["List", "Update", "Remove"], ["draft", "deploying", "completed"]),
        ["/marketplaces"] = new("MP", "{1} {0} marketplace", ["public", "private"], ["active"]),
        ["/hubs"] = new("HB", "{1} {0} hub", ["commerce", "cloud"], ["active"]),
        ["/news"] = new("NEWS", "{1}: {0}", ["new release", "planned maintenance"], ["published", "draft"]),
        ["/offers"] = new("OFR", "{0} offer of {1}", ["Spring", "Bundle", "Starter"], ["draft", "published"]),
        ["/partners"] = new("PRT", "{1} ({0})", ["Vendor", "Distributor", "Reseller"], ["active", "invited"]),
        ["/pricing"] = new("PL", "{0} price list of {1}", ["Retail", "Wholesale"], Work),
        ["/products"] = new("PRD", "{1} {0}", ["Backup", "Mail", "Storage"], ["draft", "published", "endofsale"]),
        ["/categories"] = new("CAT", "{0} by {1}", ["Security", "Collaboration", "Infrastructure"], ["active"]),
        ["/reporting"] = new("REP", "{0} report of {1}", ["Usage", "Billing", "Subscriptions"], ["succeeded", "running", "failed"]),
        ["/subscriptions"] = new("AS", "{0} subscription of {1}", ["Monthly", "Yearly"], ["active", "suspended", "terminated"]),
        ["/requests"] = new("PR", "{0} for {1}", ["Purchase", "Change", "Cancel"], ["pending", "approved", "failed"]),
        ["/assets"] = new("AS", "{0} licence of {1}", ["Monthly", "Yearly"], ["active", "suspended", "terminated"]),
        ["/usage"] = new("UF", "{0} usage of {1}", ["Monthly", "Daily"], ["draft", "accepted", "closed"]),
    };

    /// <summary>Returns the shape for a path of the catalog; a generic one for an unknown path.</summary>
    public static SampleShape For(Module module, string path) =>
        Known.GetValueOrDefault(path) ?? new SampleShape("SMP", module.Name + " {0} of {1}", ["sample"], ["active"]);

    /// <summary>Creates a sample.</summary>
    /// <param name="index">The position in the list, from 0.</param>
    public Sample Make(int index)
    {
        var company = Companies[index % Companies.Length];
        var type = Types[index % Types.Length];
        var id = string.Create(CultureInfo.InvariantCulture, $"{Prefix}-100-200-{index + 1:000}");
        var created = FirstDay.AddDays(index * 9);
        return new Sample(id, new Dictionary<string, object>
        {
            ["id"] = id,
            ["name"] = string.Format(CultureInfo.InvariantCulture, Name, type, company),
            ["type"] = type.ToLowerInvariant().Replace(' ', '_'),
            ["status"] = Statuses[index % Statuses.Length],
            ["version"] = 1 + index % 3,
            ["owner"] = new { id = string.Create(CultureInfo.InvariantCulture, $"VA-100-{index + 1:000}"), name = company },
            ["events"] = new { created = new { at = created }, updated = new { at = created.AddDays(2) } },
        });
    }
}
