namespace MailServer.Domain.Mailboxes;

/// <summary>Decides whether an account may store a script.</summary>
public static class ScriptSpace
{
    /// <summary>The reason why a script of this size cannot be stored; null if it can. A script of the same name counts as replaced.</summary>
    public static MailboxRefusal? Check(IReadOnlyList<StoredScript> scripts, string name, long size, Limits limits)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentNullException.ThrowIfNull(limits);
        if (size > limits.ScriptSize) return MailboxRefusal.ScriptTooLarge;
        var others = scripts.Where(s => s.Name != name).ToList();
        if (others.Count >= limits.Scripts) return MailboxRefusal.TooManyScripts;
        return others.Sum(static s => s.Size) + size > limits.ScriptOctets ? MailboxRefusal.LimitReached : null;
    }
}
