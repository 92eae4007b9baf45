using System.Text;

namespace MailServer.Protocol.MessageAuthentication.AuthenticationResults;

/// <summary>One method result in an Authentication-Results field (RFC 8601 §2.2): <c>spf=pass smtp.mailfrom=a.example</c>. Names and result are in lower case.</summary>
/// <param name="Method">The method without its version.</param>
/// <param name="Result">The result keyword.</param>
/// <param name="Properties">Values by <c>ptype.property</c>; the first one of repeated properties.</param>
public sealed record MethodResult(string Method, string Result, IReadOnlyDictionary<string, string> Properties)
{
    private const int MaxMethods = 64;

    /// <summary>Parses the method results after the authserv-id; malformed ones are left out.</summary>
    public static IReadOnlyList<MethodResult> Parse(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var parts = Split(value);
        return [.. parts.Skip(1).Take(MaxMethods).Select(Read).OfType<MethodResult>()];
    }

    public string? Property(string name) => Properties.GetValueOrDefault(name);

    private static MethodResult? Read(List<string> words)
    {
        if (words.Count == 0 || words[0].IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals)) return null;
        var method = words[0][..equals].ToLowerInvariant();
        var slash = method.IndexOf('/', StringComparison.Ordinal);
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in words.Skip(1))
            if (word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at) properties.TryAdd(word[..at].ToLowerInvariant(), word[(at + 1)..]);
        return new MethodResult(slash < 0 ? method : method[..slash], words[0][(equals + 1)..].ToLowerInvariant(), properties);
    }

    /// <summary>Splits the value at semicolons into lists of words without quotes. White space around <c>=</c> is ignored.</summary>
    private static List<List<string>> Split(string value)
    {
        var parts = new List<List<string>> { new() };
        var word = new StringBuilder();
        var (quoted, spaced) = (false, false);
        foreach (var c in WithoutComments(value))
        {
            if (c == '"') quoted = !quoted;
            else if (quoted) word.Append(c);
            else if (c is ' ' or '\t' or '\r' or '\n') spaced = true;
            else if (c == ';') EndPart();
            else Add(c);
        }

        EndWord();
        return parts;

        void Add(char c)
        {
            if (spaced && c != '=' && !(word.Length > 0 && word[^1] == '=')) EndWord();
            spaced = false;
            word.Append(c);
        }

        void EndWord()
        {
            if (word.Length > 0) parts[^1].Add(word.ToString());
            word.Clear();
            spaced = false;
        }

        void EndPart()
        {
            EndWord();
            parts.Add([]);
        }
    }

    /// <summary>Replaces comments outside quoted strings by a space. Escaped quotes are dropped, because no compared value contains one.</summary>
    private static string WithoutComments(string value)
    {
        var plain = new StringBuilder(value.Length);
        var (depth, quoted) = (0, false);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\\') i++;
            else if (c == '"' && depth == 0) quoted = !quoted;
            else if (c == '(' && !quoted) depth++;
            else if (c == ')' && depth > 0) depth--;
            if (depth == 0 && c != '\\') plain.Append(c == ')' && !quoted ? ' ' : c);
        }

        return plain.ToString();
    }
}
