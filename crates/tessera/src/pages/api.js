"use strict";
// Nothing is asked of anybody but this origin, and nothing that was typed is kept.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  displayOperationId: false,
  persistAuthorization: false,
  queryConfigEnabled: false,
  validatorUrl: null,
});
