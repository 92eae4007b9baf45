using System.Text;

namespace MailServer.Tests.Documentation;

/// <summary>Splits shell text into simple commands, as far as documents use the shell.</summary>
internal static class ShellText
{
    // Marks a word that begins with a quote: '<a>' is no redirection.
    private const char Quoted = '\u0001';

    /// <summary>The words of each command in a text of several lines, with the number of its line.</summary>
    public static IEnumerable<(int Line, string[] Words)> Commands(string text)
    {
        var number = 0;
        var joined = new StringBuilder();
        foreach (var line in text.Split('\n'))
        {
            number++;
            joined.Append(line);
            if (line.EndsWith('\\'))
            {
                joined.Length--;
                continue;
            }

            foreach (var words in Split(joined.ToString())) yield return (number, words);
            joined.Clear();
        }
    }

    private static IEnumerable<string[]> Split(string line)
    {
        var words = new List<string>();
        foreach (var token in Tokens(line))
        {
            if (token is not ("|" or "&&" or "||" or ";" or "&"))
            {
                words.Add(token);
                continue;
            }

            yield return Plain(words);
            words.Clear();
        }

        yield return Plain(words);
    }

    /// <summary>The words of a command without prompt, assignments, sudo and redirections.</summary>
    private static string[] Plain(List<string> words)
    {
        var end = words.FindIndex(static w => w.TrimStart('1', '2') is ['<' or '>', ..]);
        return [.. words.Take(end < 0 ? words.Count : end).Select(static w => w.TrimStart(Quoted)).SkipWhile(static w => w is "$" or "#" or "sudo" or "exec" || IsAssignment(w))];
    }

    private static bool IsAssignment(string word) => word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && word.AsSpan(0, at).ContainsAnyExceptInRange('A', 'z') is false;

    private static IEnumerable<string> Tokens(string line)
    {
        var word = new StringBuilder();
        var isWord = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c is '\'' or '"')
            {
                var close = line.IndexOf(c, i + 1);
                if (close < 0) close = line.Length;
                if (!isWord) word.Append(Quoted);
                word.Append(line, i + 1, close - i - 1);
                (i, isWord) = (close, true);
            }
            else if (c == '#' && !isWord)
            {
                // A comment, unless it is the prompt of root.
                if (i == 0 && line.Length > 1 && line[1] == ' ' && line.StartsWith("# mailserver", StringComparison.Ordinal)) continue;
                break;
            }
            else if (c is ' ' or '\t' or ';' or '|' or '&')
            {
                if (isWord) yield return word.ToString();
                word.Clear();
                isWord = false;
                if (c is ' ' or '\t') continue;
                var isDouble = c != ';' && i + 1 < line.Length && line[i + 1] == c;
                if (isDouble) i++;
                yield return isDouble ? $"{c}{c}" : $"{c}";
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }

        if (isWord) yield return word.ToString();
    }
}
