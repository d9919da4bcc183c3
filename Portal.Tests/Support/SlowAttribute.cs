using Xunit.v3;

namespace Portal.Tests.Support;

/// <summary>Marks tests that start processes, browsers or proxies, or wait for real time. The quick subset leaves them out.</summary>
/// <remarks>On a collection definition, it applies to all classes of the collection.</remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SlowAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Speed", "Slow")];
}
