using MailServer.Domain.Formatting;
using MailServer.Protocol.Sieve.Syntax;

namespace MailServer.Protocol.Sieve;

/// <summary>
/// Finds what is allowed and cannot work: commands that are never reached, more redirects than a message may have, included scripts that do not exist. Only what is certain is
/// reported, because some editors show a warning as a failure.
/// </summary>
public static class SieveWarnings
{
    private const int Most = 20;

    /// <summary>The warnings about a script without errors, in the order of their places.</summary>
    /// <param name="compiled">The script.</param>
    /// <param name="scripts">The names of the account's scripts; null if they are not known.</param>
    public static IReadOnlyList<SieveError> Of(SieveCompilation compiled, IReadOnlyCollection<string>? scripts)
    {
        ArgumentNullException.ThrowIfNull(compiled);
        var found = new SieveErrors(compiled.Source, Most);
        AddUnreached(compiled.Nodes, found);
        AddRedirects(compiled, found);
        AddIncludes(compiled.Nodes, scripts, found);
        return found.ToList();
    }

    private static void AddUnreached(IReadOnlyList<SieveNode> block, SieveErrors found)
    {
        for (var i = 0; i < block.Count; i++)
        {
            if (block[i].Block is { } inner) AddUnreached(inner, found);
            if (!IsEnd(block[i]) || i + 1 == block.Count) continue;
            found.Add(block[i + 1].Offset, $"this is never reached, because '{block[i].Name}' is before it");
            return;
        }
    }

    private static bool IsEnd(SieveNode node) => node.Is("stop") || node.Is("return") || node.Is("break");

    private static void AddRedirects(SieveCompilation compiled, SieveErrors found)
    {
        var certain = compiled.Nodes.TakeWhile(static n => !IsEnd(n)).Where(static n => n.Is("redirect")).Skip(compiled.Limits.MaxRedirects).FirstOrDefault();
        if (certain is not null) found.Add(certain.Offset, $"a message can be redirected {Quantity.Of(compiled.Limits.MaxRedirects, "time")} at most: with this one it is kept instead");
    }

    private static void AddIncludes(IReadOnlyList<SieveNode> block, IReadOnlyCollection<string>? scripts, SieveErrors found)
    {
        foreach (var node in block)
        {
            if (node.Block is { } inner) AddIncludes(inner, scripts, found);
            if (!node.Is("include") || node.Arguments is not [.., { Texts: [var name] }] || HasTag(node, "optional")) continue;
            if (!HasTag(node, "global") && scripts?.Contains(name.Value) == false) found.Add(node.Offset, $"there is no script '{name.Value}' yet: without it, mail will be kept at this line");
        }
    }

    private static bool HasTag(SieveNode node, string tag) => node.Arguments.Exists(a => a.Kind == SieveArgumentKind.Tag && a.Tag.Equals(tag, StringComparison.OrdinalIgnoreCase));
}
