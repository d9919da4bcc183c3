using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Portal.Addresses;

namespace Portal.Gateway.ForwardAuth;

/// <summary>Stops the start if an entry would let no one or everyone ask.</summary>
internal sealed partial class ForwardAuthValidator : IValidateOptions<ForwardAuthOptions>
{
    private const string AskersKey = $"{ForwardAuthOptions.SectionName}:{nameof(ForwardAuthOptions.Askers)}";

    public ValidateOptionsResult Validate(string? name, ForwardAuthOptions options)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Askers.Count; i++)
            if (FaultOf(options.Askers[i]) is { } fault)
                faults.Add($"{AskersKey}:{i} \"{options.Askers[i]}\" is not the address of a proxy. {fault}");
        if (faults.Count == 0 && WideAddresses.AreTooWide(options.Askers.Select(Parse)))
            faults.Add($"{AskersKey} covers half of all addresses or more. List only your proxies.");
        if (options.BasePath.Length > 0 && !Prefix().IsMatch(options.BasePath))
            faults.Add($"{ForwardAuthOptions.SectionName}:{nameof(ForwardAuthOptions.BasePath)} \"{options.BasePath}\" must be empty, or "
                + "start with / and have no empty, \".\" or \"..\" part, no query and no / at the end.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static string? FaultOf(string? text)
    {
        if (!AddressRangeFormat.TryParse(text, out var range, out var fault))
            return fault;
        return WideAddresses.IsTooWide(range) ? "It allows every address. List only your proxies." : null;
    }

    private static AddressRange Parse(string text) => AddressRangeFormat.TryParse(text, out var range, out _) ? range : default;

    [GeneratedRegex(@"^(/(?!\.{1,2}(/|\z))[A-Za-z0-9._~-]+)+\z")]
    private static partial Regex Prefix();
}
