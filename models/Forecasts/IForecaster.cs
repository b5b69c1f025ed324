namespace Pigeon.Models;

/// <summary>A trained model that forecasts a series.</summary>
public interface IForecaster : ITrainedModel
{
    /// <summary>The history, truth and forecast of the last test window.</summary>
    ForecastExample Example();
}
