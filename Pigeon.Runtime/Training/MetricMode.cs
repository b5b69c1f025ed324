using System.Text.Json.Serialization;

namespace Pigeon.Runtime;

/// <summary>Which way a metric is better.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MetricMode>))]
public enum MetricMode
{
    /// <summary>A loss.</summary>
    [JsonStringEnumMemberName("lower")]
    LowerIsBetter,

    /// <summary>An accuracy, an MRR.</summary>
    [JsonStringEnumMemberName("higher")]
    HigherIsBetter,
}
