namespace MailServer.Actors.Access;

/// <summary>What a change to the list of bans did.</summary>
public enum BanChange
{
    /// <summary>The address is not banned, so nothing changed.</summary>
    NotBanned,

    /// <summary>The change applies and is stored.</summary>
    Changed,

    /// <summary>The change applies until the server restarts: it could not be stored.</summary>
    NotStored,
}
