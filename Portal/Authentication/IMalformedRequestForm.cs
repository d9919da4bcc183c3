using Microsoft.AspNetCore.Http.Features;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The form of the error response for requests that the web server refuses, for callers that don't understand the API's
/// status codes.</summary>
internal interface IMalformedRequestForm
{
    /// <param name="target">As sent over the wire.</param>
    bool Covers(string target);

    /// <summary>Changes status and headers before they are sent. The body is the API's error form.</summary>
    void Adapt(IFeatureCollection request, Refusal refusal, IHttpResponseFeature response);
}
