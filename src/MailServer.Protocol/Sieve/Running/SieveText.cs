using System.Text;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>A string of a script: constant, or with variables in it (RFC 5229 §3).</summary>
internal sealed class SieveText
{
    private readonly IReadOnlyList<Piece> _pieces;

    public SieveText(string constant)
    {
        Constant = constant;
        _pieces = [];
    }

    private SieveText(IReadOnlyList<Piece> pieces) => _pieces = pieces;

    /// <summary>The value if it contains no variables; otherwise null.</summary>
    public string? Constant { get; }

    /// <summary>Reads the variables of a string. What is no reference stays as it is.</summary>
    /// <param name="text">The string.</param>
    /// <param name="badNamespace">A namespace that is not known, otherwise null.</param>
    /// <param name="hasGlobals">Whether the namespace <c>global</c> can be used (RFC 6609 §3.4.2).</param>
    public static SieveText Read(string text, bool hasGlobals, out string? badNamespace)
    {
        badNamespace = null;
        var pieces = new List<Piece>();
        var plain = 0;
        for (var at = text.IndexOf("${", StringComparison.Ordinal); at >= 0; at = text.IndexOf("${", at, StringComparison.Ordinal))
        {
            var end = text.IndexOf('}', at);
            if (end < 0) break;
            if (!TryReadReference(text[(at + 2)..end], hasGlobals, out var piece, ref badNamespace))
            {
                at += 2;
                continue;
            }

            if (at > plain) pieces.Add(new Piece(text[plain..at], "", -1, false));
            pieces.Add(piece);
            at = plain = end + 1;
        }

        if (pieces.Count == 0) return new SieveText(text);
        if (plain < text.Length) pieces.Add(new Piece(text[plain..], "", -1, false));
        return new SieveText(pieces);
    }

    public static bool IsVariableName(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>The value in a run, cut at the greatest length at the border of a character.</summary>
    public string Expand(SieveRun run)
    {
        if (Constant is not null) return Constant;
        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            var value = piece.Plain ?? run.Variables.Get(piece.Name, piece.Match, piece.IsGlobal);
            run.Budget.Charge(value.Length);
            text.Append(value);
            if (text.Length > run.Limits.MaxText) return Cut(text.ToString(), run.Limits.MaxText);
        }

        return text.ToString();
    }

    /// <summary>The first characters of a text, never half of a surrogate pair.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    // variable-ref = "${" [namespace] variable-name "}"
    private static bool TryReadReference(string name, bool hasGlobals, out Piece piece, ref string? badNamespace)
    {
        piece = default;
        if (name.Length > 0 && name.All(char.IsAsciiDigit))
        {
            piece = new Piece(null, "", int.TryParse(name, out var match) ? match : int.MaxValue, false);
            return true;
        }

        var parts = name.Split('.');
        if (!IsVariableName(parts[0]) || parts.Skip(1).Any(static p => !IsVariableName(p) && !(p.Length > 0 && p.All(char.IsAsciiDigit)))) return false;
        if (parts.Length > 1 && !(hasGlobals && parts.Length == 2 && parts[0].Equals("global", StringComparison.OrdinalIgnoreCase))) badNamespace ??= parts[0];
        piece = new Piece(null, parts[^1], -1, parts.Length > 1);
        return true;
    }

    private readonly record struct Piece(string? Plain, string Name, int Match, bool IsGlobal);
}
