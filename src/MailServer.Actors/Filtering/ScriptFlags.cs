using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Filtering;

/// <summary>Converts the flags of a script to those of a mailbox.</summary>
internal static class ScriptFlags
{
    public static MessageFlags Of(IEnumerable<string> flags)
    {
        var system = SystemFlags.None;
        var keywords = new List<string>();
        foreach (var flag in flags)
        {
            if (!flag.StartsWith('\\')) keywords.Add(flag);
            else if (Enum.TryParse<SystemFlags>(flag.AsSpan(1), ignoreCase: true, out var known)) system |= known;
        }

        return new MessageFlags(system, KeywordSet.Of(keywords));
    }
}
