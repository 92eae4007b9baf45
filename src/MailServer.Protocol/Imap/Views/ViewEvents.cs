namespace MailServer.Protocol.Imap.Views;

/// <summary>The kinds of changes of the selected folder that a client is told.</summary>
[Flags]
internal enum ViewEvents
{
    None = 0,

    /// <summary>New and removed messages.</summary>
    Messages = 1,

    /// <summary>Changes of flags.</summary>
    Flags = 2,

    /// <summary>Everything, which is what a client without NOTIFY is told.</summary>
    All = Messages | Flags,
}
