namespace Portal.Scim.Schema;

/// <summary>The schemas of the resources, and the URNs of messages.</summary>
internal static class ScimSchemas
{
    public const string UserId = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string GroupId = "urn:ietf:params:scim:schemas:core:2.0:Group";
    public const string ListResponse = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    public const string SearchRequest = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    public const string PatchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    public const string Error = "urn:ietf:params:scim:api:messages:2.0:Error";
    public const string SchemaOfSchemas = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    public const string ResourceType = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    public const string ServiceProviderConfig = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

    /// <summary>The attributes of every resource. By RFC 7643, they aren't part of a schema.</summary>
    public static readonly IReadOnlyList<ScimAttribute> Common =
    [
        new("schemas", ScimType.Reference, "The schemas of the resource.") { IsMultiValued = true, IsReadOnly = true, IsAlwaysReturned = true, IsCaseExact = true },
        new("id", ScimType.String, "Portal's ID of the resource.") { IsReadOnly = true, IsCaseExact = true, IsUnique = true, IsAlwaysReturned = true },
        new("externalId", ScimType.String, "The client's ID of the resource.") { IsCaseExact = true },
        new("meta", ScimType.Complex, "Facts about the resource.")
        {
            IsReadOnly = true,
            SubAttributes =
            [
                new("resourceType", ScimType.String, "The type of the resource.") { IsReadOnly = true, IsCaseExact = true },
                new("created", ScimType.DateTime, "When the resource was created.") { IsReadOnly = true },
                new("lastModified", ScimType.DateTime, "When the resource was last changed.") { IsReadOnly = true },
                new("location", ScimType.Reference, "The address of the resource.") { IsReadOnly = true, IsCaseExact = true, ReferenceTypes = ["uri"] },
                new("version", ScimType.String, "The entity tag of the resource.") { IsReadOnly = true, IsCaseExact = true },
            ],
        },
    ];

    public static readonly ScimSchema User = new(
        UserId, "User", "A person who can sign in to Portal.",
        [
            new("userName", ScimType.String, "The name that identifies the user, usually the email address. Case is ignored.") { IsRequired = true, IsUnique = true },
            new("name", ScimType.Complex, "The parts of the name.")
            {
                SubAttributes =
                [
                    new("formatted", ScimType.String, "The whole name. Portal uses it if there is no displayName."),
                    new("givenName", ScimType.String, "The given name."),
                    new("familyName", ScimType.String, "The family name."),
                ],
                Ignored = ["middleName", "honorificPrefix", "honorificSuffix"],
            },
            new("displayName", ScimType.String, "The name that Portal shows, at most 64 characters."),
            new("emails", ScimType.Complex, "The email address. Portal stores one: the primary one, else one of type work, else the first.")
            {
                IsMultiValued = true,
                SubAttributes =
                [
                    new("value", ScimType.String, "The address. It must be unique."),
                    new("type", ScimType.String, "Always work in responses."),
                    new("primary", ScimType.Boolean, "Whether this is the address that Portal stores."),
                ],
                Ignored = ["display"],
            },
            new("active", ScimType.Boolean, "Whether the user may sign in. false ends all sessions at once."),
            new("groups", ScimType.Complex, "The groups of the user.")
            {
                IsMultiValued = true, IsReadOnly = true,
                SubAttributes =
                [
                    new("value", ScimType.String, "The ID of the group.") { IsReadOnly = true, IsCaseExact = true },
                    new("$ref", ScimType.Reference, "The address of the group.") { IsReadOnly = true, IsCaseExact = true, ReferenceTypes = ["Group"] },
                    new("display", ScimType.String, "The name of the group.") { IsReadOnly = true },
                    new("type", ScimType.String, "Always direct.") { IsReadOnly = true },
                ],
            },
        ],
        [
            "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone", "password", "phoneNumbers", "ims", "photos", "addresses",
            "entitlements", "roles", "x509Certificates",
        ]);

    public static readonly ScimSchema Group = new(
        GroupId, "Group", "A group of users. Portal's configuration says which role its members have.",
        [
            new("displayName", ScimType.String, "The name of the group, which the role mapping uses. Case is ignored.") { IsRequired = true, IsUnique = true },
            new("members", ScimType.Complex, "The users in the group.")
            {
                IsMultiValued = true,
                SubAttributes =
                [
                    new("value", ScimType.String, "The ID of the user.") { IsCaseExact = true },
                    new("$ref", ScimType.Reference, "The address of the user.") { IsReadOnly = true, IsCaseExact = true, ReferenceTypes = ["User"] },
                    new("display", ScimType.String, "The name of the user.") { IsReadOnly = true },
                    new("type", ScimType.String, "Always User: groups can't contain groups."),
                ],
            },
        ],
        []);

    public static readonly IReadOnlyList<ScimSchema> All = [User, Group];
}
