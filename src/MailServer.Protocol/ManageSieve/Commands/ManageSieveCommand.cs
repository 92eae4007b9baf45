using MailServer.Protocol.ManageSieve.Decoding;

namespace MailServer.Protocol.ManageSieve.Commands;

/// <summary>The kinds of arguments.</summary>
internal enum ParameterKind
{
    Text,
    OptionalText,
    Number,
}

/// <summary>A command of the protocol.</summary>
/// <param name="Name">Its name in capitals.</param>
/// <param name="Parameters">Its arguments; the optional one is the last.</param>
/// <param name="NeedsAccount">Whether the client must have signed in.</param>
/// <param name="Usage">How to write it.</param>
/// <param name="Run">Performs it and writes the response.</param>
internal sealed record ManageSieveCommand(
    string Name, IReadOnlyList<ParameterKind> Parameters, bool NeedsAccount, string Usage, Func<ManageSieveSession, IReadOnlyList<CommandArgument>, IEnumerable<ManageSieveEffect>> Run)
{
    /// <summary>Whether one of the arguments is a script.</summary>
    public bool TakesScript => Name is "PUTSCRIPT" or "CHECKSCRIPT";

    /// <summary>Whether the words of a line, the first of which is the name, are its arguments.</summary>
    public bool Accepts(IReadOnlyList<CommandArgument> words)
    {
        var most = Parameters.Count;
        var least = Parameters.Count(static p => p != ParameterKind.OptionalText);
        if (words.Count - 1 < least || words.Count - 1 > most) return false;
        for (var i = 1; i < words.Count; i++)
        {
            var isNumber = Parameters[i - 1] == ParameterKind.Number;
            if (isNumber ? words[i].Kind != ArgumentKind.Atom || !words[i].Octets.All(static o => char.IsAsciiDigit((char)o)) : words[i].Kind != ArgumentKind.Text) return false;
        }

        return true;
    }
}
