namespace MailServer.Actors.Access;

/// <summary>What a change to the list of bans, or to the list of allowed networks, did.</summary>
public enum BanChange
{
    /// <summary>The network is not on the list, so nothing changed.</summary>
    NotBanned,

    /// <summary>The change applies and is stored.</summary>
    Changed,

    /// <summary>The change applies until the server restarts: it could not be stored.</summary>
    NotStored,

    /// <summary>Nothing changed: the network is, or is within, a network that is never banned.</summary>
    Allowed,

    /// <summary>Nothing changed: the list is full.</summary>
    Full,
}
