using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Portal.Tests.Browser;

/// <summary>Runs axe-core in a page and returns the violations of its rules.</summary>
/// <remarks>The package's own runner also transfers every element that passes a rule, which takes several seconds per page.
/// Firefox's scroll bar moves what is behind an open menu or dialog: axe then measures the part of a button that the menu leaves uncovered. Such a
/// button can't be pressed anyway, so its size doesn't count.</remarks>
internal static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    public static readonly object AllRules = new { type = "tag", values = new[] { "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice" } };

    public static readonly object Contrast = new { type = "rule", values = new[] { "color-contrast" } };

    /// <param name="withContrast">Whether to check the contrast, too, which takes the longest.</param>
    /// <param name="exclude">A CSS selector of elements that aren't checked; null for none.</param>
    /// <returns>One line for each violated rule, with its elements.</returns>
    public static async Task<string[]> FindViolationsAsync(IPage page, object rules, bool withContrast = true, string? exclude = null)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
            await page.EvaluateAsync(Script);
        return await page.EvaluateAsync<string[]>(
            """
            async ({ rules, withContrast, exclude, firefox }) => {
                const context = exclude ? { exclude: [exclude] } : document;
                const result = await axe.run(context, { runOnly: rules, rules: { 'color-contrast': { enabled: withContrast } }, resultTypes: ['violations'] });
                const open = firefox && document.querySelector('.mud-dialog, .mud-popover-open');
                const isBehind = node => open && !document.querySelector(node.target[0])?.closest('.mud-dialog, .mud-popover-open');
                for (const violation of result.violations.filter(violation => violation.id === 'target-size'))
                    violation.nodes = violation.nodes.filter(node => !isBehind(node));
                return result.violations.filter(violation => violation.nodes.length > 0).map(violation =>
                    `${violation.id} (${violation.help}) at ${violation.nodes.map(node => node.target.join(' ')).join(', ')}`);
            }
            """,
            new { rules, withContrast, exclude, firefox = page.Context.Browser?.BrowserType.Name == "firefox" });
    }
}
