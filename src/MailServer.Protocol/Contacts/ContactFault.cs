namespace MailServer.Protocol.Contacts;

/// <summary>The violated precondition of RFC 6352 §6.3.2.1.</summary>
public enum ContactPrecondition
{
    ValidAddressData,
    SupportedAddressData,
    MaxResourceSize,
}

/// <summary>The reason why a text is not a valid address object resource.</summary>
public sealed record ContactFault(ContactPrecondition Precondition, string Reason)
{
    /// <summary>The local name of the element in the error body, in the CardDAV namespace.</summary>
    public string Element => Precondition switch
    {
        ContactPrecondition.ValidAddressData => "valid-address-data",
        ContactPrecondition.SupportedAddressData => "supported-address-data",
        _ => "max-resource-size",
    };
}
